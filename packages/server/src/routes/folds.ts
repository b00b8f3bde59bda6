import {
  decodeFoldProposal,
  FOLD_MEDIA_TYPE,
  type FoldProposal,
  type ServerErrorCode,
} from 'y-electric/protocol'
import { verify } from '../compaction/verifier.ts'
import { RequestError } from '../errors.ts'
import { type FoldRefusal, foldSegments } from '../store/index.ts'
import { readBody, requireMediaType } from './body.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'

/** Bytes of a fold's body around the snapshot: version and segment number. */
const FRAME_BYTES = 16

const REFUSAL_CODES: Record<FoldRefusal, ServerErrorCode> = {
  busy: 'compaction_busy',
  'not-sealed': 'segment_not_sealed',
  folded: 'segment_already_folded',
  different: 'snapshot_differs',
}

/** `POST /docs/:docId/snapshots` with a fold as its body. 201 and what it did, or nothing has changed. */
export function postFold(context: RouteContext): RouteHandler {
  const { pool, limits } = context
  let running = 0
  return async (c, { docId, user }) => {
    requireMediaType(c, FOLD_MEDIA_TYPE)
    const limit = limits.maxSnapshotBytes + FRAME_BYTES
    const proposal = readProposal(await readBody(c, limit, 'snapshot_too_large'))
    if (proposal.data.byteLength > limits.maxSnapshotBytes) {
      throw new RequestError(
        'snapshot_too_large',
        `a snapshot row has at most ${limits.maxSnapshotBytes} bytes`,
      )
    }
    if (running >= limits.maxParallelFolds) {
      throw new RequestError('compaction_busy', 'other documents are being compacted')
    }
    running++
    const outcome = await foldSegments(pool, docId, proposal, {
      verify: (sources, data, keepHistory) =>
        verify({ sources, proposal: data, keepHistory }, limits),
      retention: limits,
      createdBy: user,
    }).finally(() => {
      running--
    })
    if (outcome.type === 'refused') {
      throw new RequestError(REFUSAL_CODES[outcome.refusal], outcome.detail)
    }
    const { type: _, ...folded } = outcome
    return c.json(folded, 201, { 'cache-control': 'no-store' })
  }
}

function readProposal(body: Uint8Array): FoldProposal {
  try {
    return decodeFoldProposal(body)
  } catch (cause) {
    throw new RequestError('invalid_request', (cause as Error).message, { cause })
  }
}
