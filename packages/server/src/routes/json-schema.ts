/** The part of JSON Schema that answers need. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly (string | number)[]
  readonly const?: string | number | boolean
  readonly format?: string
  readonly contentEncoding?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly default?: string | number | boolean
}

/** An object with exactly these members; those named `name?` are optional. */
export function object(
  members: Readonly<Record<string, JsonSchema>>,
  description?: string,
): JsonSchema {
  const names = Object.keys(members)
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(
      Object.entries(members).map(([name, schema]) => [name.replace(/\?$/, ''), schema]),
    ),
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  }
}

export const array = (items: JsonSchema): JsonSchema => ({ type: 'array', items })

/** The schema, or null. */
export const nullable = (schema: JsonSchema): JsonSchema => ({ oneOf: [schema, { type: 'null' }] })

export const integer = (description?: string): JsonSchema => ({
  type: 'integer',
  ...(description !== undefined && { description }),
})

export const text = (description?: string): JsonSchema => ({
  type: 'string',
  ...(description !== undefined && { description }),
})

/** A time in ISO 8601, with its time zone. */
export const TIME: JsonSchema = { type: 'string', format: 'date-time' }

/** A reference to a named schema of the OpenAPI document. */
export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
