import { contains } from '../protocol/id-ranges.ts'
import { contentOfUpdate, decodeOwnUpdate } from '../protocol/update-decoding.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import type { Batch } from './outbox.ts'

/** A batch of a tab that is gone, as far as other tabs heard of it. */
export interface Orphan {
  readonly batchId: string
  readonly update: Uint8Array
  /** It was on its way, or ready to be: this is all of it, and always was. */
  readonly isCut: boolean
}

/** A batch that this page sends from now on. */
export interface Adopted {
  readonly batch: Batch
  /** The store keeps its edits already, as this page's own. */
  readonly isStored: boolean
  /** Under which id it was known before. */
  readonly formerId: string
  /** The store keeps edits under that id which this takes the place of. */
  readonly replacesStored: boolean
}

/** What the store had when it was asked for the edits of pages that are gone. */
export interface StoredEdits {
  /** Of pages that are gone; from now on this page's own. */
  readonly batches: readonly Batch[]
  /** Of other pages, which send them. */
  readonly ofOthers: readonly Batch[]
}

/**
 * Decides which edits of a page that is gone this page sends, and under which id. The server takes one batch of an id for all,
 * so an old id is good only for a batch that nobody can have sent, or will send, with less in it:
 * one that was cut, and that the store hands over as it is, where there is a store. All else goes under
 * a new id: it may come twice, which changes nothing, and is lost by nobody.
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

/** True when the batch is the orphan's, with nothing missing. */
export const isCoveredBy = (batch: Batch, { batchId, update }: Orphan): boolean =>
  batch.batchId === batchId && covers(batch.update, update)

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  covers(one, other) && covers(other, one)

/** True when `all` brings everything that `part` does. */
export function covers(all: Uint8Array, part: Uint8Array): boolean {
  const [have, want] = [all, part].map((update) => contentOfUpdate(decodeOwnUpdate(update)))
  if (have === undefined || want === undefined) return false
  return contains(have, want)
}
