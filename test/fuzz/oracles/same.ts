import * as Y from 'yjs'
import { cutAround, findOrderDifference, findStructDifference } from '../../harness/structs.ts'
import { writeContent } from '../adapters/server.ts'
import { Finding } from '../engine/target.ts'

/** Everything that a document shows; the keys of a map have no order. */
export const shown = (doc: Y.Doc): string =>
  JSON.stringify(JSON.parse(writeContent(doc, 'json').body as string), (_key, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(byKey)) : value,
  )

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

/** @throws {Finding} when two documents do not show the same */
export function requireSameContent(kind: string, one: Y.Doc, other: Y.Doc): void {
  const [a, b] = [shown(one), shown(other)]
  if (a !== b) throw new Finding(kind, cutAround(a, b))
}

/** @throws {Finding} when two documents are not made of the same structs in the same order */
export function requireSameStructs(kind: string, one: Y.Doc, other: Y.Doc): void {
  const difference = findStructDifference(one, other) ?? findOrderDifference(one, other)
  if (difference !== undefined) throw new Finding(kind, difference)
  requireSameContent(kind, one, other)
}

/** A follower: every row in a transaction of its own, as it comes. */
export function follow(rows: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc()
  for (const row of rows) Y.applyUpdate(doc, row)
  return doc
}
