import type { FollowPoint } from '../core/connection.ts'
import type { Local } from './local.ts'
import type { Reconciler } from './reconciler.ts'
import type { Replica } from './replica.ts'
import type { Writer } from './writer.ts'

export interface Loading {
  readonly local: Local
  readonly replica: Replica
  readonly writer: Writer
  readonly reconciler: Reconciler
}

/**
 * Shows the document as this device kept it, and takes over what was not sent.
 * @returns where reading goes on; null joins
 */
export async function loadKept(session: Loading): Promise<FollowPoint | null> {
  const { local, replica, writer, reconciler } = session
  let resume: FollowPoint | null = null
  await local.load((kept) => {
    replica.applyAll('a stored update', kept.updates)
    // An edit that is only in the outbox is missing from the list of updates.
    for (const { update } of kept.batches) {
      if (replica.apply('a stored edit', update)) local.row(update)
    }
    if (kept.damage.length > 0) {
      // Comparing with state finds the edits that the server lacks. An incomplete batch must not be sent.
      for (const { batchId } of kept.batches) local.acked(batchId)
      reconciler.doubt()
    } else writer.restore(kept.batches)
    // A document with pending structs lacks content that the server had at the resume point.
    if (replica.isWaiting) reconciler.doubt()
    if (reconciler.isReconciled) resume = reconciler.loaded(kept)
    else {
      // The server may lack some of the content: this page or the next one joins.
      local.whole()
      local.resumeAt(null)
    }
  })
  return resume
}
