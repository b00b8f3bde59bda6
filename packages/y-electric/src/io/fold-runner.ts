import type { FoldSources } from '../protocol/building.ts'
import { foldToSnapshot } from '../protocol/fold.ts'
import type { Platform } from './platform.ts'

/** Up to this many stored bytes are folded on the calling thread: some milliseconds. */
const INLINE_BYTES = 32 * 1024

/** What the worker is sent, and answers: the snapshot's bytes, or null when it failed. */
export interface FoldJob {
  readonly sources: FoldSources
  readonly gc: boolean
}

/**
 * Folds without stalling the page: a large document goes to a worker. Where a page cannot have one
 * (a content security policy, an unbundled worker file) it is left to the other clients: null.
 * Node has no `Worker` of this kind and no page to stall.
 */
export async function runFold(
  job: FoldJob,
  platform: Pick<Platform, 'hasWorkers' | 'startWorker'>,
): Promise<Uint8Array | null> {
  const { previous, rows } = job.sources
  const bytes = rows.reduce((sum, { data }) => sum + data.byteLength, previous?.byteLength ?? 0)
  if (bytes <= INLINE_BYTES || !platform.hasWorkers()) {
    return foldToSnapshot(job.sources, job.gc)
  }
  const worker = platform.startWorker('fold')
  if (worker === null) return null
  try {
    return await new Promise((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<Uint8Array | null>) => resolve(data)
      worker.onerror = () => resolve(null)
      worker.postMessage(job)
    })
  } finally {
    worker.terminate()
  }
}
