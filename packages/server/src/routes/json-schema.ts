import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema'
import type { Schema } from '../schemas/values.ts'

/** The part of JSON Schema that this server's schemas are converted to. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly default?: unknown
}

/** Schemas by the names that they have in the OpenAPI document. */
export type NamedSchemas = Readonly<Record<string, Schema>>

const pointer = (name: string): string => `#/components/schemas/${name}`

const CONFIG: ConversionConfig = {
  target: 'draft-2020-12',
  // Describes the parsed value, not the text that is sent: `limit` is a number.
  typeMode: 'output',
  // JSON Schema cannot express what a function checks.
  ignoreActions: ['check'],
  overrideRef: ({ referenceId }) => pointer(referenceId),
}

/** Converts a schema to JSON Schema, with references to the named schemas. */
export function jsonSchemaOf(schema: Schema, named: NamedSchemas = {}): JsonSchema {
  const [name] = Object.entries(named).find(([, one]) => one === schema) ?? []
  if (name !== undefined) return { $ref: pointer(name) }
  const { $schema, $defs, ...found } = toJsonSchema(schema, { ...CONFIG, definitions: named })
  return found as JsonSchema
}

/** The named schemas themselves. */
export const namedJsonSchemas = (named: NamedSchemas): Readonly<Record<string, JsonSchema>> =>
  toJsonSchemaDefs(named, CONFIG) as Record<string, JsonSchema>
