/**
 * The reading side of a connection: join, follow, and what to do when either fails. A pure state
 * machine; I/O runs its commands.
 *
 *            open           joined                    sealed: the next segment
 *   closed ───────▶ joining ───────▶ following ◀───────────┐
 *     ▲               │  ▲             │  │  └─────────────┘
 *     │               │  │  rejoin     │  │
 *     └─ close ─ any  │  └─────────────┘  │
 *                     ▼ failed            ▼ failed
 *                  waiting ── retry ──▶ joining, or following again where it was
 *     refused (401, 403, …): stopped, until the app connects again
 */

/** An offset in the log of a segment's shape. Opaque: returned to Electric unchanged. */
export interface ShapePosition {
  readonly offset: string
  readonly handle: string
}

/** Where reading continues: at the start of a segment (null), or where a stream ended. */
export interface ResumePoint {
  readonly segment: number
  readonly position: ShapePosition | null
  /** The largest sequence number that has arrived of the segment; missing if it is not known. */
  readonly newest?: number
}

export type ConnectionState =
  | { readonly phase: 'closed' }
  | { readonly phase: 'joining'; readonly failures: number }
  | {
      readonly phase: 'following'
      readonly segment: number
      /** True once the client has caught up and receives changes as they happen. */
      readonly live: boolean
      /** True if it resumed where an earlier stream ended. */
      readonly resumed: boolean
      readonly failures: number
    }
  | {
      readonly phase: 'waiting'
      readonly failures: number
      /** Where to resume; null joins again. */
      readonly resumeFrom: ResumePoint | null
    }
  | { readonly phase: 'stopped' }

export type ConnectionEvent =
  /** `from`: where an earlier page left off. The device store had everything before it. */
  | { readonly type: 'open'; readonly from?: ResumePoint | null }
  | { readonly type: 'close' }
  | { readonly type: 'joined'; readonly from: ResumePoint }
  | { readonly type: 'caught-up' }
  /** The server has begun to answer a request for changes as they happen. */
  | { readonly type: 'live-answered' }
  | { readonly type: 'sealed' }
  /** Rows of the server are overdue: read them again from the current offset. */
  | { readonly type: 'silent' }
  /**
   * The segment is gone or its log starts over: only a join is sure to miss nothing. `isRepeated`:
   * this also happened a moment ago.
   */
  | { readonly type: 'rejoin'; readonly isRepeated: boolean }
  | { readonly type: 'failed'; readonly position: ShapePosition | null }
  | { readonly type: 'refused' }
  | { readonly type: 'retry' }

export type ConnectionCommand =
  | { readonly type: 'join' }
  | { readonly type: 'follow'; readonly from: ResumePoint }
  | { readonly type: 'wait'; readonly failures: number }
  /** Stops whatever is in progress. */
  | { readonly type: 'stop' }

export interface ConnectionStep {
  readonly state: ConnectionState
  readonly command: ConnectionCommand | null
}

export const CLOSED: ConnectionState = { phase: 'closed' }

/** Reads state and compares the document with it before anything else. */
export function willJoin(state: ConnectionState): boolean {
  if (state.phase === 'waiting') return state.resumeFrom === null
  return state.phase !== 'following'
}

export function connectionStep(state: ConnectionState, event: ConnectionEvent): ConnectionStep {
  if (event.type === 'close') {
    return state.phase === 'closed' ? stay(state) : { state: CLOSED, command: { type: 'stop' } }
  }
  switch (state.phase) {
    case 'closed':
    case 'stopped':
      if (event.type !== 'open') return stay(state)
      return event.from ? follow(event.from, 0) : join(0)
    case 'joining':
      return joiningStep(state, event)
    case 'following':
      return followingStep(state, event)
    case 'waiting':
      if (event.type !== 'retry') return stay(state)
      return state.resumeFrom === null
        ? join(state.failures)
        : follow(state.resumeFrom, state.failures)
  }
}

function joiningStep(
  state: ConnectionState & { phase: 'joining' },
  event: ConnectionEvent,
): ConnectionStep {
  switch (event.type) {
    case 'joined':
      return follow(event.from, state.failures)
    case 'failed':
      return wait(state.failures + 1, null)
    case 'refused':
      return { state: { phase: 'stopped' }, command: { type: 'stop' } }
    default:
      return stay(state)
  }
}

function followingStep(
  state: ConnectionState & { phase: 'following' },
  event: ConnectionEvent,
): ConnectionStep {
  switch (event.type) {
    case 'caught-up':
      // The failures still count: a server may answer every catch-up and fail every live request.
      return stay({ ...state, live: true })
    case 'live-answered':
      return stay(state.failures === 0 ? state : { ...state, failures: 0 })
    case 'sealed':
      // A live client stays live: the seal was the last change of its segment. Failures are
      // reset only by a live answer. Otherwise a join, a seal and a missing next segment could
      // loop without a wait.
      return follow({ segment: state.segment + 1, position: null }, state.failures, state.live)
    case 'silent':
      return stay({ ...state, live: false, resumed: true })
    case 'rejoin':
      // A stale offset is abandoned at once. An offset that fails at the start, or goes stale
      // repeatedly, counts as a failure: the wait prevents a tight loop of joining and following.
      return (state.live || state.resumed) && !event.isRepeated
        ? join(state.failures)
        : wait(state.failures + 1, null)
    case 'failed':
      return wait(state.failures + 1, { segment: state.segment, position: event.position })
    case 'refused':
      return { state: { phase: 'stopped' }, command: { type: 'stop' } }
    default:
      return stay(state)
  }
}

const stay = (state: ConnectionState): ConnectionStep => ({ state, command: null })

const join = (failures: number): ConnectionStep => ({
  state: { phase: 'joining', failures },
  command: { type: 'join' },
})

const follow = (from: ResumePoint, failures: number, live = false): ConnectionStep => ({
  state: {
    phase: 'following',
    segment: from.segment,
    live,
    resumed: from.position !== null,
    failures,
  },
  command: { type: 'follow', from },
})

const wait = (failures: number, resumeFrom: ResumePoint | null): ConnectionStep => ({
  state: { phase: 'waiting', failures, resumeFrom },
  command: { type: 'wait', failures },
})
