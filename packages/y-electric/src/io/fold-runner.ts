import type { FoldSources } from '../protocol/building.ts'
import { foldToSnapshot } from '../protocol/fold.ts'
import type { Platform } from './platform.ts'

/** Up to this many stored bytes are folded on the calling thread, which takes some milliseconds. */
const INLINE_BYTES = 32 * 1024

/** The job for the worker, and its answer: the snapshot's bytes, or null if it failed. */
export interface FoldJob {
  readonly sources: FoldSources
  readonly gc: boolean
}

/**
 * Folds without blocking the page: a large document is folded in a worker. Returns null where a
 * page cannot start one (a content security policy, an unbundled worker file), so that another
 * client folds. Node has no `Worker` of this kind and no page to block.
 */
export async function runFold(
  job: FoldJob,
  platform: Pick<Platform, 'hasWorkers' | 'startWorker'>,
  fold: typeof foldToSnapshot = foldToSnapshot,
): Promise<Uint8Array | null> {
  const { previous, rows } = job.sources
  const bytes = rows.reduce((sum, { data }) => sum + data.byteLength, previous?.byteLength ?? 0)
  if (!platform.hasWorkers()) return fold(job.sources, job.gc)
  if (bytes <= INLINE_BYTES) {
    try {
      return fold(job.sources, job.gc, 0)
    } catch {
      // Rows that Yjs cannot use together are searched for in a worker: it takes many attempts.
    }
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
