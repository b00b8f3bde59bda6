/**
 * Which stored rows are bad. A bad row is applied by nobody: not by the server, a joiner, a follower or a
 * device store. Whether a row is bad depends on its bytes alone, so that all of them agree (READ-1).
 */
import { soundPart } from './snapshot-row.ts'
import { soundDeletes } from './struct-problems.ts'
import { type DecodedUpdate, decodeOwnUpdate, decodeUpdate, isOfYjs14 } from './update-decoding.ts'
import { encodeStructs } from './update-encoding.ts'

/**
 * Decodes the update of a stored row. No limit that can be set takes part, or readers would disagree.
 * @throws {Error} saying why the row is bad.
 */
export function readRow(data: Uint8Array): DecodedUpdate {
  const decoded = decodeUpdate(data)
  if (isOfYjs14(decoded)) throw new Error('update: it has client ids of more than 32 bits')
  return decoded
}

/** What is wrong with the update of a stored row; null if it is sound. */
export function rowProblem(data: Uint8Array): string | null {
  try {
    readRow(data)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** True if the row of these bytes is applied by everybody. */
export const isSoundRow = (data: Uint8Array): boolean => rowProblem(data) === null

/**
 * What can be saved of a bad row, as a sound update: its sound edits, and deleted content in place of the
 * others, so that what was written after them can be shown. Null if the bytes do not tell.
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
