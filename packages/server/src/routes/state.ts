import {
  encodeJoinFrames,
  JOIN_PARAM,
  JOIN_ROWS,
  JOIN_WHOLE,
  SNAPSHOT_PARAM,
} from 'y-electric/protocol'
import { mergeState } from '../documents/merge.ts'
import { choice } from '../schemas/values.ts'
import { readPackedState } from '../store/index.ts'
import { inspectionLimits, runLimited } from '../work/limiter.ts'
import { askerOf } from './asker.ts'
import { privateUnlessPublic } from './caching.ts'
import { describeGzip, gzipFor } from './compression.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { matchingTag } from './entity-tags.ts'
import { digits, parameter, read } from './parameters.ts'
import { endsOfSegments } from './segments.ts'
import { sharedReads } from './shared-reads.ts'
import { type EncodedState, encodeForSending } from './state-answer.ts'

export const KNOWN_SNAPSHOT = parameter(
  {
    name: SNAPSHOT_PARAM,
    description:
      'The seq of a snapshot row that the client already has: the answer omits its bytes.',
  },
  digits(),
)

export const JOIN = parameter(
  {
    name: JOIN_PARAM,
    description:
      'For a client that joins: the answer begins with the frames of a join (SPEC.md). With `whole`, for a client whose document is empty, the content of many rows may be one update; with `rows` it has every row.',
  },
  choice([JOIN_ROWS, JOIN_WHOLE]),
)

/** `GET /docs/:docId/state`: everything stored for a document, in one consistent read. */
export function getState(context: RouteContext): RouteHandler {
  const { pool, limits, answers } = context
  const reads = sharedReads<EncodedState>()

  return async (c, { docId, user }) => {
    const snapshot = read(c, KNOWN_SNAPSHOT)
    const join = read(c, JOIN)
    const asker = askerOf(c, user, limits)
    const readEncoded = async (signal: AbortSignal) => {
      const whenLarge = <T>(work: () => Promise<T>) =>
        runLimited(pool, 'state', { who: asker.who, signal }, inspectionLimits(limits), work)
      const options = { maxBytes: limits.maxReadBytes, signal, whenLarge }
      // The ends are read before state, so that state has every row before them.
      const ends = join === null ? [] : await endsOfSegments(context, docId, signal)
      const state = await readPackedState(pool, docId, snapshot, options)
      if (join === null) return encodeForSending(state, signal)
      const by = { who: asker.who, signal }
      const whole = join === JOIN_WHOLE ? await mergeState(pool, docId, state, by, limits) : null
      const end = ends.find(({ segment }) => segment === state.activeSegment)
      const follow = end?.follow ?? null
      const frames = encodeJoinFrames({ follow, merged: whole?.merged ?? null })
      return encodeForSending(state, signal, { frames, rest: whole?.rest })
    }
    const key = `${snapshot ?? ''}/${join ?? ''}/${docId}`
    const state = await reads.read(key, readEncoded, asker.signal)
    const known = matchingTag(c.req.header('if-none-match'), state.etag)
    const headers = {
      etag: known ?? state.etag,
      'content-type': state.mediaType,
      ...(known === null && { 'content-length': String(state.byteLength) }),
      // Cached, but revalidated each time: a joining client must see what is stored now.
      ...privateUnlessPublic(context, 'no-cache'),
    }
    if (known !== null) return c.body(null, 304, headers)
    // A HEAD request needs no body.
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers)
    const gzipped = await gzipFor(c, state)
    if (gzipped === null) return c.body(answers.bodyOf(state, asker.signal), 200, headers)
    const answer = c.body(answers.bodyOf(gzipped, asker.signal), 200, headers)
    describeGzip(answer.headers, gzipped)
    return answer
  }
}
