import { type Limits, RequestError } from '@y-electric/server'
import type { Batch } from '@y-electric/server/extension'
import { judgeUpdate, splitUpdate } from 'y-electric/protocol'

/**
 * An update (Yjs v1) as rows of the size that clients write. A single value that is larger than that
 * cannot be split, and is a row of its own: the limit is for clients, not for the back end.
 */
export const batchesOf = (
  update: Uint8Array,
  { maxUpdateBytes, maxUpdateStructs }: Pick<Limits, 'maxUpdateBytes' | 'maxUpdateStructs'>,
): Batch[] =>
  splitUpdate(update, maxUpdateBytes, maxUpdateStructs).map((part) => ({
    batchId: crypto.randomUUID(),
    update: part,
    structs: structsOf(part),
  }))

/**
 * Counts the structs of an update. Yjs made it, but it may hold values that no other document can
 * apply.
 */
function structsOf(update: Uint8Array): number {
  try {
    return judgeUpdate(update, { maxStructs: Number.POSITIVE_INFINITY }).structs
  } catch (cause) {
    throw new RequestError('invalid_update', (cause as Error).message, { cause })
  }
}
