import {
  type FollowAction,
  followMessage,
  followShape,
  rowSeq,
  type ShapeMessage,
} from 'y-electric'
import { segmentPath } from 'y-electric/protocol'
import { ApiError, fetchState, mayPass, shapeUrl } from './api.ts'
import type { LogEvent } from './log.ts'
import { pause } from './pause.ts'

interface RowFeedOptions {
  readonly docId: string
  readonly now: () => number
  readonly onEvent: (event: LogEvent) => void
  readonly onContact: (isReached: boolean) => void
  /** The server refused, or the document was deleted: no further events follow. */
  readonly onRefused: (error: ApiError) => void
}

/** How long to wait before the state is requested again, in milliseconds. */
const RETRY_MS = 2_000
/** How long to wait before joining again, so that a faulty server is not flooded with requests. */
const REJOIN_MS = 250

/** Every row of a segment is shown. */
const NONE: ReadonlySet<number> = new Set()
/** In place of a value that is not a bytea. */
const UNREADABLE = new Uint8Array()

/** How the reading of a segment ended: at its seal, or so that the reader must join again. */
type End = 'sealed' | 'rejoin'

/**
 * Reads the stored rows as every client does: the state once, then the shape of the active segment,
 * and after each seal that of the next segment. If a segment was folded meanwhile, it reads the
 * state again.
 * @returns a function that ends it
 */
export function feedRows(options: RowFeedOptions): () => void {
  const aborter = new AbortController()
  void readRows(options, aborter.signal)
  return () => aborter.abort()
}

async function readRows(options: RowFeedOptions, signal: AbortSignal): Promise<void> {
  const { docId, now, onEvent, onRefused } = options
  while (!signal.aborted) {
    try {
      const state = await readState(options, signal)
      onEvent({ type: 'state', state, at: now() })
      let segment = state.activeSegment
      while ((await readSegment(options, segment, signal)) === 'sealed') {
        onEvent({ type: 'sealed', segment, at: now() })
        segment += 1
      }
      await pause(REJOIN_MS, signal)
    } catch (error) {
      if (signal.aborted) return
      onRefused(
        error instanceof ApiError ? error : new ApiError('bad_response', `${docId}: ${error}`, 0),
      )
      return
    }
  }
}

async function readState({ docId, onContact }: RowFeedOptions, signal: AbortSignal) {
  for (;;) {
    try {
      const state = await fetchState(docId, signal)
      onContact(true)
      return state
    } catch (error) {
      if (signal.aborted || !(error instanceof ApiError) || !mayPass(error)) throw error
      onContact(false)
      await pause(RETRY_MS, signal)
    }
  }
}

function readSegment(
  { docId, now, onEvent, onContact }: RowFeedOptions,
  segment: number,
  signal: AbortSignal,
): Promise<End> {
  return new Promise((resolve, reject) => {
    let isSealed = false
    const end = () => stop()
    signal.addEventListener('abort', end)
    const finish = (settle: () => void) => {
      signal.removeEventListener('abort', end)
      stop()
      settle()
    }
    const stop = followShape({
      url: shapeUrl(segmentPath(docId, segment)),
      start: 'beginning',
      onMessage(message) {
        onContact(true)
        const action = followMessage(message, NONE)
        if (action.type === 'sealed') isSealed = true
        // Not at the seal itself, because the first rows of a shape arrive in any order.
        if (action.type === 'caught-up' && isSealed) finish(() => resolve('sealed'))
        if (action.type === 'rejoin') finish(() => resolve('rejoin'))
        const row = rowOf(message, action)
        if (row !== null) onEvent({ type: 'row', segment, ...row, at: now() })
      },
      onInterrupted: () => onContact(false),
      onRefused(error) {
        const isGone = error.code === 'segment_folded' || error.code === 'segment_not_opened'
        finish(() => (isGone ? resolve('rejoin') : reject(ApiError.of(error))))
      },
    })
    if (signal.aborted) end()
  })
}

/** The row of a message, which the list shows even if it is bad; null if there is none. */
function rowOf(message: ShapeMessage, action: FollowAction) {
  if (action.type === 'apply') return { seq: action.seq, data: action.update }
  const seq = action.type === 'bad-row' ? rowSeq(message) : null
  return seq === null || action.type !== 'bad-row' ? null : { seq, data: action.data ?? UNREADABLE }
}
