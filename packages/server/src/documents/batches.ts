import { randomUUID } from 'node:crypto'
import { splitUpdate } from 'y-electric/protocol'
import type { Limits } from '../limits.ts'
import type { Batch } from '../store/index.ts'

/**
 * An update (Yjs v1) as rows of the size that clients write. A single value that is larger than that
 * cannot be cut, and is a row of its own: the limit is for strangers, not for the back end.
 */
export const batchesOf = (
  update: Uint8Array,
  { maxUpdateBytes }: Pick<Limits, 'maxUpdateBytes'>,
): Batch[] =>
  splitUpdate(update, maxUpdateBytes).map((part) => ({ batchId: randomUUID(), update: part }))
