import { contains } from '../protocol/id-ranges.ts'
import { contentOfUpdate, decodeOwnUpdate } from '../protocol/update-decoding.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import type { Batch } from './outbox.ts'

/** A batch of a tab that is gone, as far as other tabs received it. */
export interface Orphan {
  readonly batchId: string
  readonly update: Uint8Array
  /** The batch was cut: this is all of it, and it never changed. */
  readonly isCut: boolean
}

/** A batch that this page sends from now on. */
export interface Adopted {
  readonly batch: Batch
  /** The store already keeps its edits as this page's own. */
  readonly isStored: boolean
  /** The id under which it was known before. */
  readonly formerId: string
  /** The store keeps edits under that id, which this batch replaces. */
  readonly replacesStored: boolean
}

/** The store's edits of other pages, at the moment when this page asked for those of closed pages. */
export interface StoredEdits {
  /** Batches of pages that are gone; from now on this page sends them. */
  readonly batches: readonly Batch[]
  /** Batches of other pages, which send them. */
  readonly ofOthers: readonly Batch[]
}

/**
 * Decides which edits of a page that is gone this page sends, and under which id. The server stores
 * only the first batch with a given id. So an old id is safe only if nobody can have sent, or will
 * send, less content under it: the batch was cut, and the store (if there is one) returned it
 * unchanged. Everything else gets a new id. Then the edits may be stored twice, which changes
 * nothing, but none are lost (TAB-1).
 */
export function adopt(
  orphans: readonly Orphan[],
  stored: StoredEdits | null,
  freshId: () => string,
): Adopted[] {
  const left = new Map(stored?.batches.map((batch) => [batch.batchId, batch]))
  const isSentByOther = (orphan: Orphan): boolean =>
    stored?.ofOthers.some((batch) => isCoveredBy(batch, orphan)) ?? false
  const nobodys = orphans.filter((orphan) => !isSentByOther(orphan))
  const adopted = nobodys.map(({ batchId, update, isCut }): Adopted => {
    const kept = left.get(batchId)
    left.delete(batchId)
    const isStored = kept !== undefined
    const isWhole = stored === null || (isStored && isSame(kept.update, update))
    if (isCut && isWhole) {
      const batch = { ...kept, batchId, update }
      return { batch, isStored, formerId: batchId, replacesStored: false }
    }
    const all = isStored ? mergeUpdates([kept.update, update]) : update
    const batch = { ...kept, batchId: freshId(), update: all }
    return { batch, isStored: false, formerId: batchId, replacesStored: isStored }
  })
  const unheard = [...left.values()].map(
    (batch): Adopted => ({
      batch,
      isStored: true,
      formerId: batch.batchId,
      replacesStored: false,
    }),
  )
  return [...unheard, ...adopted]
}

/** True if the batch contains everything that the orphan holds. */
export const isCoveredBy = (batch: Batch, { batchId, update }: Orphan): boolean =>
  batch.batchId === batchId && covers(batch.update, update)

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  covers(one, other) && covers(other, one)

/** True if `all` contains everything that `part` does. */
export function covers(all: Uint8Array, part: Uint8Array): boolean {
  const [have, want] = [all, part].map((update) => contentOfUpdate(decodeOwnUpdate(update)))
  if (have === undefined || want === undefined) return false
  return contains(have, want)
}
