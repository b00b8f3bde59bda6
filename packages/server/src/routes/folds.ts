import {
  decodeFoldProposal,
  FOLD_MEDIA_TYPE,
  type FoldProposal,
  type ServerErrorCode,
} from 'y-electric/protocol'
import { checkProposal } from '../documents/check-proposal.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Folded } from '../schemas/protocol.ts'
import { type FoldRefusal, foldSegments } from '../store/index.ts'
import { runLimited, type WorkLimits, YieldedError } from '../work/limiter.ts'
import { askerOf } from './asker.ts'
import { readBody, requireMediaType } from './body.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { createPatience } from './fold-patience.ts'

/** Bytes of a fold's body before the snapshot: version and segment number. */
const FRAME_BYTES = 16

const REFUSAL_CODES: Record<FoldRefusal, ServerErrorCode> = {
  busy: 'compaction_busy',
  'not-sealed': 'segment_not_sealed',
  folded: 'segment_already_folded',
  different: 'snapshot_differs',
}

const foldLimits = (limits: Limits): WorkLimits => ({
  atOnce: limits.maxParallelFolds,
  perAsker: Math.max(1, Math.floor(limits.maxParallelFolds / 2)),
  maxWaiting: limits.maxWaitingFolds,
  retryAfterSeconds: limits.busyRetryAfterSeconds,
  yieldAfterMs: limits.foldYieldMs,
  maxRestMs: limits.maxAbandonedRestMs,
})

/**
 * `POST /docs/:docId/folds`: replaces sealed segments by the snapshot row in the body. A refused fold changes nothing.
 */
export function postFold(context: RouteContext): RouteHandler {
  const { pool, limits } = context
  const patience = createPatience(limits)
  return async (c, { docId, user }) => {
    requireMediaType(c, FOLD_MEDIA_TYPE)
    const asker = askerOf(c, user, context.limits)
    const attempt = patience.begin({ who: asker.who, user, docId })
    const limit = limits.maxSnapshotBytes + FRAME_BYTES
    const proposal = readProposal(await readBody(c, limit, 'snapshot_too_large'))
    if (proposal.data.byteLength > limits.maxSnapshotBytes) {
      throw new RequestError(
        'snapshot_too_large',
        `a snapshot row has at most ${limits.maxSnapshotBytes} bytes`,
      )
    }
    const fold = (signal: AbortSignal) =>
      attempt.spend(() =>
        foldSegments(pool, docId, proposal, {
          check: (sources, data, keepHistory) =>
            checkProposal({ sources, proposal: data, keepHistory }, limits, signal),
          retention: limits,
          maxTransactionBytes: limits.maxTransactionBytes,
          createdBy: user,
          maxBytes: limits.maxReadBytes,
          signal,
        }),
      )
    const outcome = await runLimited(pool, 'fold', asker, foldLimits(limits), fold).catch(
      (error) => {
        throw error instanceof YieldedError ? gaveWay(limits, error) : error
      },
    )
    if (outcome.type === 'refused') {
      throw new RequestError(REFUSAL_CODES[outcome.refusal], outcome.detail)
    }
    const { type: _, ...folded } = outcome
    return c.json(folded satisfies Folded, 201, { 'cache-control': 'no-store' })
  }
}

const gaveWay = ({ foldYieldMs, busyRetryAfterSeconds }: Limits, cause: Error): RequestError =>
  new RequestError(
    'compaction_busy',
    `this fold took more than foldYieldMs (${foldYieldMs}) and others waited: propose it later`,
    { cause, retryAfterSeconds: busyRetryAfterSeconds },
  )

function readProposal(body: Uint8Array): FoldProposal {
  try {
    return decodeFoldProposal(body)
  } catch (cause) {
    throw new RequestError('invalid_request', (cause as Error).message, { cause })
  }
}
