import { applyRow, guardMapEntries } from 'y-electric/protocol'
import * as Y from 'yjs'
import {
  cutAround,
  findOrderDifference,
  findStructDifference,
} from '../../../test/harness/structs.ts'
import { writeContent } from '../adapters/server.ts'
import { Finding } from '../engine/target.ts'

/**
 * The visible content of a document. The keys of a map have no order. The number of pieces into which a text
 * with one format is divided does not matter either, because a follower removes marks without effect, and a
 * joiner does not.
 */
export const shown = (doc: Y.Doc): string =>
  JSON.stringify(JSON.parse(writeContent(doc, 'json').body as string), (_key, value: unknown) => {
    if (Array.isArray(value)) return joinPieces(value)
    return isObject(value) ? Object.fromEntries(Object.entries(value).sort(byKey)) : value
  })

function joinPieces(values: readonly unknown[]): unknown[] {
  const joined: unknown[] = []
  for (const value of values) {
    const last = joined.at(-1)
    const one =
      joined.length > 0
        ? (joinedPiece(last, value, 'insert') ?? joinedPiece(last, value, 'text'))
        : null
    if (one === null) joined.push(value)
    else joined[joined.length - 1] = one
  }
  return joined
}

/** Joins two pieces that differ only in their text; null if they differ in more. */
function joinedPiece(one: unknown, other: unknown, name: 'insert' | 'text'): object | null {
  if (!isObject(one) || !isObject(other)) return null
  const { [name]: a, ...restOfOne } = one as Record<string, unknown>
  const { [name]: b, ...restOfOther } = other as Record<string, unknown>
  if (typeof a !== 'string' || typeof b !== 'string') return null
  return JSON.stringify(restOfOne) === JSON.stringify(restOfOther)
    ? { ...one, [name]: a + b }
    : null
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

/** @throws {Finding} if two documents have different visible content */
export function requireSameContent(kind: string, one: Y.Doc, other: Y.Doc): void {
  const [a, b] = [shown(one), shown(other)]
  if (a !== b) throw new Finding(kind, cutAround(a, b))
}

/** @throws {Finding} if two documents do not have the same structs in the same order */
export function requireSameStructs(kind: string, one: Y.Doc, other: Y.Doc): void {
  const difference = findStructDifference(one, other) ?? findOrderDifference(one, other)
  if (difference !== undefined) throw new Finding(kind, difference)
  requireSameContent(kind, one, other)
}

/** Applies rows like the provider: each in a separate transaction, in the order of arrival. */
export function follow(rows: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc()
  guardMapEntries(doc)
  for (const row of rows) applyRow(doc, row)
  return doc
}
