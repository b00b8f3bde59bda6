import type { Handler } from 'hono'
import {
  decodeFoldProposal,
  FOLD_MEDIA_TYPE,
  type FoldProposal,
  type ServerErrorCode,
  SNAPSHOT_MEDIA_TYPE,
} from 'y-electric/protocol'
import { verify } from '../compaction/verifier.ts'
import { RequestError } from '../errors.ts'
import { type FoldRefusal, foldSegments, listSnapshots, readSnapshot } from '../store/index.ts'
import { readBody, requireMediaType } from './body.ts'
import { authorizedDocId, type RouteContext } from './context.ts'

/** Bytes of a fold's body around the snapshot: version and segment number. */
const FRAME_BYTES = 16

const REFUSAL_CODES: Record<FoldRefusal, ServerErrorCode> = {
  busy: 'compaction_busy',
  'not-sealed': 'segment_not_sealed',
  folded: 'segment_already_folded',
  different: 'snapshot_differs',
}

/** `POST /docs/:docId/snapshots`: fold. 201 and what it did, or nothing has changed. */
export function postSnapshot(context: RouteContext): Handler {
  const { pool, limits } = context
  let running = 0
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'write')
    requireMediaType(c, FOLD_MEDIA_TYPE)
    const limit = limits.maxSnapshotBytes + FRAME_BYTES
    const proposal = readProposal(await readBody(c.req.raw, limit, 'snapshot_too_large'))
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
      verify: (sources, data) => verify({ sources, proposal: data }, limits),
      keepSnapshots: limits.keepSnapshots,
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

/** `GET /docs/:docId/snapshots`: the snapshot rows that are kept, newest first. */
export function getSnapshots(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'read')
    const snapshots = await listSnapshots(context.pool, docId)
    return c.json({ snapshots }, 200, { 'cache-control': 'private, no-cache' })
  }
}

/** `GET /docs/:docId/snapshots/:seq`: the bytes of one snapshot row, a Yjs v2 update. */
export function getSnapshot(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'read')
    const seq = c.req.param('seq') ?? ''
    const data = /^\d{1,15}$/.test(seq)
      ? await readSnapshot(context.pool, docId, Number(seq))
      : null
    if (data === null) throw new RequestError('not_found', 'there is no snapshot row with that seq')
    return c.body(new Uint8Array(data), 200, {
      'content-type': SNAPSHOT_MEDIA_TYPE,
      // A snapshot row never changes: it may be kept as long as anybody likes.
      'cache-control': context.publicCache
        ? 'public, max-age=31536000, immutable'
        : 'private, max-age=31536000, immutable',
      ...(context.publicCache ? {} : { vary: 'authorization, cookie' }),
    })
  }
}
