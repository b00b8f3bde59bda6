/**
 * Which stored rows are bad. A bad row is applied by nobody: not by the server, a joiner, a follower or a
 * device store. Whether a row is bad depends on its bytes alone, so that all of them agree.
 */
import * as decoding from 'lib0/decoding'
import { soundPart } from './snapshot-row.ts'
import { soundDeletes, structProblem } from './struct-problems.ts'
import { type DecodedUpdate, decodeUpdate } from './update-decoding.ts'
import { encodeStructs } from './update-encoding.ts'

/**
 * Decodes the update of a stored row.
 * @throws {Error} saying why the row is bad.
 */
export function readRow(data: Uint8Array): DecodedUpdate {
  const decoded = decodeUpdate(data)
  for (const struct of decoded.structs) {
    const problem = structProblem(struct)
    if (problem !== null) throw new Error(`update: ${problem}`)
  }
  requireSections(data, decoded)
  const { deletes } = decoded
  if (soundDeletes(deletes) !== deletes) {
    throw new Error('update: it deletes what no client can have written')
  }
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
 * Requires one section per client. Of two, Yjs applies the last, while a merge takes both, so the result
 * would depend on the reader.
 */
function requireSections(data: Uint8Array, { structs }: DecodedUpdate): void {
  const sections = decoding.readVarUint(decoding.createDecoder(data))
  const clients = new Set(structs.map(({ id }) => id.client))
  if (sections !== clients.size) {
    throw new Error('update: a client has no edits in it, or has them in two places')
  }
}

/**
 * What can be saved of a bad row, as a sound update: its sound edits, and deleted content in place of the
 * others, so that what was written after them can be shown. Null if the bytes do not tell.
 */
export function salvageRow(data: Uint8Array): Uint8Array | null {
  try {
    const { structs, deletes } = decodeUpdate(data)
    const saved = encodeStructs(structs.flatMap(soundPart), soundDeletes(deletes))
    return isSoundRow(saved) ? saved : null
  } catch {
    return null
  }
}
