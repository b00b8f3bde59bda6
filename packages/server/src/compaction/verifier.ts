import { Worker } from 'node:worker_threads'
import type { Limits } from '../limits.ts'
import type { Verdict } from '../store/index.ts'
import { type Sources, sizeOfSources, unpackSources } from './sources.ts'
import { isOwnFold } from './verify.ts'

/** How verification is kept off the event loop and within bounds. */
export type VerifierLimits = Pick<
  Limits,
  'verifyInlineBytes' | 'verifyTimeoutMs' | 'verifyMemoryMb'
>

/** What a worker is given, and `Verdict` is what it answers with. */
export interface VerifyJob {
  readonly sources: Sources
  readonly proposal: Uint8Array
}

/**
 * Verifies a proposal. Only the fold of stored rows ever runs on the event loop, and only a small
 * one; the proposed bytes are never decoded there.
 */
export async function verify(job: VerifyJob, limits: VerifierLimits): Promise<Verdict> {
  if (sizeOfSources(job.sources) <= limits.verifyInlineBytes) {
    const verdict = isOwnFold(unpackSources(job.sources), job.proposal)
    if (verdict !== null) return verdict
  }
  return verifyInWorker(job, limits)
}

/** Node cannot run the TypeScript source of a worker: from source, the built one is used. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/compaction/verify-worker.js' : './verify-worker.js',
  import.meta.url,
)

function verifyInWorker(job: VerifyJob, limits: VerifierLimits): Promise<Verdict> {
  const worker = new Worker(WORKER, {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: limits.verifyMemoryMb },
    // The worker runs under plain Node, whatever loader this process was started with.
    execArgv: [],
  })
  return new Promise<Verdict>((resolve, reject) => {
    const late = setTimeout(() => {
      resolve({ type: 'different', difference: 'it takes too long to verify' })
    }, limits.verifyTimeoutMs)
    worker.once('message', resolve)
    worker.once('error', (error: Error & { code?: string }) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
        resolve({ type: 'different', difference: 'it takes too much memory to verify' })
      } else reject(error)
    })
    worker.once('exit', () => clearTimeout(late))
  }).finally(() => worker.terminate())
}
