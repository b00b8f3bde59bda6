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
    // An edit that is only in the outbox is content that the list of updates has lost.
    for (const { update } of kept.batches) {
      if (replica.apply('a stored edit', update)) local.row(update)
    }
    if (kept.damage.length > 0) {
      // What the server lacks is found by comparing, and no batch is sent of which a part is missing.
      for (const { batchId } of kept.batches) local.acked(batchId)
      reconciler.doubt()
    } else writer.restore(kept.batches)
    // A document that waits for something is not all that the server had at the resume point.
    if (replica.isWaiting) reconciler.doubt()
    if (reconciler.isReconciled) resume = reconciler.loaded(kept)
    else {
      // The server may lack some of it: this page joins, or the next one does.
      local.whole()
      local.resumeAt(null)
    }
  })
  return resume
}
