import { isOwnFold } from '../compaction/check.ts'
import { effortOf, type Sources, transferableOf, unpackSources } from '../compaction/sources.ts'
import type { Limits } from '../limits.ts'
import type { Verdict } from '../store/index.ts'
import { WorkLimitError } from '../work/pool.ts'
import { serverWorkers } from '../work/run.ts'

/** The limits that bound the check of a fold and keep it off the event loop. */
export type CheckLimits = Pick<
  Limits,
  'foldCheckInlineBytes' | 'foldCheckTimeoutMs' | 'foldCheckMemoryMb'
>

/** A proposed snapshot, and the stored rows that it is compared with. */
export interface CheckJob {
  readonly sources: Sources
  readonly proposal: Uint8Array
  /** Whether the document keeps deleted content. */
  readonly keepHistory: boolean
}

/**
 * Checks a proposal. The event loop only ever runs the fold of stored rows, and only a small one; it
 * never decodes the proposed bytes. The large buffers of the sources are detached afterwards.
 */
export async function checkProposal(
  job: CheckJob,
  limits: CheckLimits,
  signal?: AbortSignal,
): Promise<Verdict> {
  if (effortOf(job.sources) <= limits.foldCheckInlineBytes) {
    const verdict = isOwnFold(unpackSources(job.sources), job.proposal, job.keepHistory)
    if (verdict !== null) return verdict
  }
  try {
    return await serverWorkers.runInWorker('checkFold', job, {
      timeoutMs: limits.foldCheckTimeoutMs,
      memoryMb: limits.foldCheckMemoryMb,
      signal,
      transfer: transferableOf(job.sources),
    })
  } catch (error) {
    if (!(error instanceof WorkLimitError)) throw error
    return { type: 'different', difference: `${error.message} to check` }
  }
}
