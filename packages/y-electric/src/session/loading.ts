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
    writer.restore(kept.batches)
    if (reconciler.isReconciled) resume = reconciler.loaded(kept)
    else {
      // Who brought content along joins, now or on the next page: the server may lack it.
      local.whole()
      local.resumeAt(null)
    }
  })
  return resume
}
