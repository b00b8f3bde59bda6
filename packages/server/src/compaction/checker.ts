import type { Limits } from '../limits.ts'
import type { Verdict } from '../store/index.ts'
import { WorkLimitError } from '../work/pool.ts'
import { serverWorkers } from '../work/run.ts'
import { effortOf, type Sources, transferableOf, unpackSources } from './sources.ts'
import { isOwnFold } from './verify.ts'

/** The limits that keep verification off the event loop and bounded. */
export type VerifierLimits = Pick<
  Limits,
  'verifyInlineBytes' | 'verifyTimeoutMs' | 'verifyMemoryMb'
>

/** A proposed snapshot, and the stored rows that it is compared with. */
export interface VerifyJob {
  readonly sources: Sources
  readonly proposal: Uint8Array
  /** Whether the document keeps deleted content. */
  readonly keepHistory: boolean
}

/**
 * Verifies a proposal. The event loop only ever runs the fold of stored rows, and only a small one; it
 * never decodes the proposed bytes. The large buffers of the sources are detached afterwards.
 */
export async function verify(
  job: VerifyJob,
  limits: VerifierLimits,
  signal?: AbortSignal,
): Promise<Verdict> {
  if (effortOf(job.sources) <= limits.verifyInlineBytes) {
    const verdict = isOwnFold(unpackSources(job.sources), job.proposal, job.keepHistory)
    if (verdict !== null) return verdict
  }
  try {
    return await serverWorkers.runInWorker('verifyFold', job, {
      timeoutMs: limits.verifyTimeoutMs,
      memoryMb: limits.verifyMemoryMb,
      signal,
      transfer: transferableOf(job.sources),
    })
  } catch (error) {
    if (!(error instanceof WorkLimitError)) throw error
    return { type: 'different', difference: `${error.message} to verify` }
  }
}
