import type { Column } from '../table/table.ts'

/**
 * True for types whose values are equal exactly if the texts that Postgres writes for them are
 * equal. Only these can be matched here, without asking Postgres about each change.
 */
export function canMatch(column: Column): boolean {
  if (column.dims > 0) return false
  return column.isEnum || (column.isPlain && Object.hasOwn(CANONICAL, column.type))
}

/**
 * The text that Postgres writes for this value in this column; undefined if the value is not valid.
 */
export function canonicalText(column: Column, text: string): string | undefined {
  return column.isEnum ? text : CANONICAL[column.type]?.(text)
}

const integer =
  (bits: 16n | 32n | 64n) =>
  (text: string): string | undefined => {
    const trimmed = text.trim()
    if (!/^[+-]?\d+$/.test(trimmed)) return undefined
    const value = BigInt(trimmed.replace(/^\+/, ''))
    const limit = 1n << (bits - 1n)
    return value >= -limit && value < limit ? value.toString() : undefined
  }

const same = (text: string): string => text

const TRUE = /^(t|tr|tru|true|y|ye|yes|on|1)$/
const FALSE = /^(f|fa|fal|fals|false|n|no|of|off|0)$/

const CANONICAL: Record<string, (text: string) => string | undefined> = {
  text: same,
  varchar: same,
  int2: integer(16n),
  int4: integer(32n),
  int8: integer(64n),
  uuid: (text) => {
    const digits = text
      .trim()
      .toLowerCase()
      .replace(/^\{(.*)\}$/, '$1')
    if (!/^([0-9a-f]{4}-?){7}[0-9a-f]{4}$/.test(digits)) return undefined
    return digits.replaceAll('-', '').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  },
  bool: (text) => {
    const word = text.trim().toLowerCase()
    if (TRUE.test(word)) return 't'
    return FALSE.test(word) ? 'f' : undefined
  },
}
