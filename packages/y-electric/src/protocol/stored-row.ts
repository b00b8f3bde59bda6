/**
 * Decides which stored rows are bad. Nobody applies a bad row: not the server, a joiner, a follower
 * or a device store. Whether a row is bad depends on its bytes alone, so that all of them agree
 * (READ-1).
 */
import { type ContentIds, subtractIds } from './id-ranges.ts'
import { soundPart } from './snapshot-row.ts'
import { soundDeletes, structProblem } from './struct-problems.ts'
import {
  contentOfUpdate,
  type DecodedUpdate,
  decodeOwnUpdate,
  decodeUpdate,
  isOfYjs14,
} from './update-decoding.ts'
import { encodeStructs } from './update-encoding.ts'

/**
 * Decodes the update of a stored row. No configurable limit applies, or readers would disagree.
 * @throws {Error} with the reason why the row is bad
 */
export function readRow(data: Uint8Array): DecodedUpdate {
  const decoded = decodeUpdate(data)
  if (isOfYjs14(decoded)) throw new Error('update: it has client ids of more than 32 bits')
  return decoded
}

/** The problem with the update of a stored row; null if it is sound. */
export function rowProblem(data: Uint8Array): string | null {
  try {
    readRow(data)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** True if every client applies a row with these bytes. */
export const isSoundRow = (data: Uint8Array): boolean => rowProblem(data) === null

/**
 * Makes a sound update from a bad row: it has the sound edits, and deleted content in place of the
 * others, so that later edits that build on them can be shown. Null if the bytes do not contain
 * enough.
 */
export function salvageRow(data: Uint8Array): Uint8Array | null {
  try {
    const { structs, deletes } = decodeOwnUpdate(data)
    const saved = encodeStructs(structs.flatMap(soundPart), soundDeletes(deletes))
    return isSoundRow(saved) ? saved : null
  } catch {
    return null
  }
}

/** A stored update without the edits that nobody else can use. */
export interface UsableEdits {
  /** The given bytes if all edits can be used. */
  readonly update: Uint8Array
  /** The problem with the first edit that was left out; null if none was. */
  readonly problem: string | null
  /** The edits that were left out. Edits that build on these wait for them. */
  readonly leftOut: ContentIds
}

/**
 * Removes from an update what makes a row bad. Unlike a row, the update may hold a whole document:
 * that can nest types deeper than any of its rows, and can hold an edit that the server has
 * refused.
 * @throws {Error} if the bytes are not exactly one update
 */
export function usableEdits(data: Uint8Array): UsableEdits {
  const { structs, deletes } = decodeOwnUpdate(data)
  const bad = structs.filter((struct) => structProblem(struct) !== null)
  const usable = soundDeletes(deletes)
  const leftOut = contentOfUpdate({ structs: bad, deletes: subtractIds(deletes, usable) })
  const [first] = bad
  if (first === undefined && usable === deletes) return { update: data, problem: null, leftOut }
  const problem =
    (first && structProblem(first)) ?? 'it deletes ids that no client of Yjs 13 can have used'
  const good = structs.filter((struct) => structProblem(struct) === null)
  return { update: encodeStructs(good, usable), problem, leftOut }
}
