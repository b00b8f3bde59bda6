// Helpers for all parts of the reference.

/** A use of a schema by an answer or a parameter. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly (string | number)[]
  readonly const?: string | number | boolean
  readonly default?: string | number | boolean
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
}

/** Formats a table. Bars in cells are escaped, since a bar ends a cell. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n')
}

/** The anchor that GitHub gives to a heading. */
export const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .replaceAll(' ', '-')

/** Describes a schema in a few words. */
export function inWords(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return `[${name}](#${anchor(name)})`
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(inWords).join(' or ')
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ')
  if (schema.type === 'array') return `array of ${inWords(schema.items ?? {})}`
  if (schema.format === 'date-time') return 'time (ISO 8601)'
  if (schema.format !== undefined) return schema.format
  const kind = Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any JSON')
  return `${kind}${limits(schema)}`
}

function limits({ minimum, maximum, maxLength }: Schema): string {
  if (maxLength !== undefined) return ` of at most ${maxLength} characters`
  if (minimum === undefined && maximum === undefined) return ''
  // The largest possible seq is of no use to a reader.
  if (maximum === undefined || maximum >= 1e14) return ` from ${minimum}`
  return ` from ${minimum} to ${maximum}`
}
