import { ProposerBackoff } from '../compaction/backoff.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { FoldOutcome } from '../store/index.ts'

/** A signed-in user may waste this many times the tolerance of one document on all documents together. */
const USER_TOLERANCE_FACTOR = 10

/** The proposer of a fold, and the document. */
export interface Proposer {
  readonly who: string | undefined
  /** The user, if the hook returned one. */
  readonly user: string | null
  readonly docId: string
}

/** One proposal. */
export interface Attempt {
  /** Does the work, and records its time if it failed. */
  spend(work: () => Promise<FoldOutcome>): Promise<FoldOutcome>
}

/**
 * Limits the time that one proposer can waste: see {@link ProposerBackoff}. A proposer is a user (or an
 * address) with one document; a signed-in user also has a larger budget for all documents together. The
 * failures of one proposer do not affect other proposers.
 */
export function createPatience({ foldToleranceMs }: Pick<Limits, 'foldToleranceMs'>) {
  const ofDocument = new ProposerBackoff(foldToleranceMs)
  const ofUser = new ProposerBackoff(USER_TOLERANCE_FACTOR * foldToleranceMs)

  return {
    /** @throws {RequestError} compaction_busy while the proposer has to wait */
    begin({ who, user, docId }: Proposer): Attempt {
      const parts: [ProposerBackoff, string][] = [
        [ofDocument, JSON.stringify([who, docId])],
        ...(user === null ? [] : ([[ofUser, user]] satisfies [ProposerBackoff, string][])),
      ]
      const now = performance.now()
      const waitMs = Math.max(...parts.map(([backoff, key]) => backoff.waitMs(key, now)))
      if (waitMs > 0) throw notYet(waitMs)
      return {
        async spend(work) {
          const began = performance.now()
          let isInVain = true
          try {
            const outcome = await work()
            isInVain = outcome.type === 'refused' && outcome.refusal === 'different'
            if (outcome.type === 'folded')
              for (const [backoff, key] of parts) backoff.succeeded(key)
            return outcome
          } finally {
            const ended = performance.now()
            if (isInVain)
              for (const [backoff, key] of parts) backoff.failed(key, ended - began, ended)
          }
        },
      }
    },
  }
}

function notYet(waitMs: number): RequestError {
  const seconds = Math.ceil(waitMs / 1_000)
  return new RequestError(
    'compaction_busy',
    `your last folds took long and were refused: propose the next one in ${seconds} s`,
    { retryAfterSeconds: seconds },
  )
}
