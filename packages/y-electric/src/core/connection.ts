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

/** A position in the log of a segment's shape. Opaque: handed back to Electric as it came. */
export interface ShapePosition {
  readonly offset: string
  readonly handle: string
}

/** Where reading continues: at the start of a segment (null), or where a stream broke off. */
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
      /** True once all that was there is here, and changes come as they happen. */
      readonly live: boolean
      /** True when it went on where an earlier stream broke off. */
      readonly resumed: boolean
      readonly failures: number
    }
  | {
      readonly phase: 'waiting'
      readonly failures: number
      /** Where to go on; null joins again. */
      readonly resumeFrom: ResumePoint | null
    }
  | { readonly phase: 'stopped' }

export type ConnectionEvent =
  /** `from`: where an earlier page left off; the device store had everything before it. */
  | { readonly type: 'open'; readonly from?: ResumePoint | null }
  | { readonly type: 'close' }
  | { readonly type: 'joined'; readonly activeSegment: number }
  | { readonly type: 'caught-up' }
  | { readonly type: 'sealed' }
  /** Rows of the server do not arrive: they are read again, from the position of the stream. */
  | { readonly type: 'silent' }
  /**
   * The segment is gone or its log starts over: only joining again is sure to miss nothing. `isRepeated`:
   * it was so a moment ago too.
   */
  | { readonly type: 'rejoin'; readonly isRepeated: boolean }
  | { readonly type: 'failed'; readonly position: ShapePosition | null }
  | { readonly type: 'refused' }
  | { readonly type: 'retry' }

export type ConnectionCommand =
  | { readonly type: 'join' }
  | { readonly type: 'follow'; readonly from: ResumePoint }
  | { readonly type: 'wait'; readonly failures: number }
  /** End whatever is under way. */
  | { readonly type: 'stop' }

export interface ConnectionStep {
  readonly state: ConnectionState
  readonly command: ConnectionCommand | null
}

export const CLOSED: ConnectionState = { phase: 'closed' }

/** State is read, and what is here compared with it, before anything else. */
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
      return follow({ segment: event.activeSegment, position: null }, state.failures)
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
      return stay({ ...state, live: true, failures: 0 })
    case 'sealed':
      // Whoever was live still is: the seal was the last change of its segment. Failures are only
      // forgotten once caught up, or join, seal and a next segment that is not there would go round.
      return follow({ segment: state.segment + 1, position: null }, state.failures, state.live)
    case 'silent':
      return stay({ ...state, live: false, resumed: true })
    case 'rejoin':
      // A position that went stale is left at once. One that cannot even be begun, or goes stale over and
      // over, is a failure like any other: waiting keeps join and follow from chasing each other.
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
