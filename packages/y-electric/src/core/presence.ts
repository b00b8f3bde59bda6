/**
 * Sends this client's presence. A pure state machine: the latest state wins, one request in flight,
 * a pause after each. The state is read when it is sent, so nothing queues.
 *
 *            open         changed          done, failed         rested, nothing new
 *   closed ───────▶ idle ──────────▶ sending ─────▶ resting ──────────────▶ idle
 *                                       ▲               │ rested, changed meanwhile
 *                                       └───────────────┘
 *   refused: barred, until it is opened again
 */

export type PresencePhase = 'closed' | 'idle' | 'sending' | 'resting' | 'barred'

export interface PresenceState {
  readonly phase: PresencePhase
  /** Changed since it was last read for sending. */
  readonly isStale: boolean
  /** Consecutive failures. */
  readonly failures: number
}

export type PresenceEvent = 'open' | 'close' | 'changed' | 'done' | 'failed' | 'refused' | 'rested'

/** Send the current state; or send `rested` after a pause that grows with the failures. */
export type PresenceCommand =
  | { readonly type: 'send' }
  | { readonly type: 'rest'; readonly failures: number }

export interface PresenceStep {
  readonly state: PresenceState
  readonly command: PresenceCommand | null
}

export const PRESENCE_CLOSED: PresenceState = { phase: 'closed', isStale: false, failures: 0 }

const PRESENCE_IDLE: PresenceState = { phase: 'idle', isStale: false, failures: 0 }

/** A client that is silent for this long counts as gone, in milliseconds. */
export const PRESENCE_EXPIRY_MS = 37_000
/** The heartbeat interval of an idle client: at most two row writes a minute. */
export const PRESENCE_HEARTBEAT_MS = 30_000
/** The shortest time between two writes, in milliseconds. */
export const PRESENCE_REST_MS = 50
/** How often a client whose state cannot be sent checks for a new state, in milliseconds. */
export const PRESENCE_RECHECK_MS = 1_000

export function presenceStep(state: PresenceState, event: PresenceEvent): PresenceStep {
  if (event === 'close') return stay(PRESENCE_CLOSED)
  switch (state.phase) {
    case 'closed':
    case 'barred':
      return event === 'open' ? stay(PRESENCE_IDLE) : stay(state)
    case 'idle':
      return event === 'changed' ? send(state.failures) : stay(state)
    case 'sending':
      return sendingStep(state, event)
    case 'resting':
      if (event === 'changed') return stay({ ...state, isStale: true })
      if (event !== 'rested') return stay(state)
      return state.isStale ? send(state.failures) : stay({ ...state, phase: 'idle' })
  }
}

function sendingStep(state: PresenceState, event: PresenceEvent): PresenceStep {
  switch (event) {
    case 'changed':
      return stay({ ...state, isStale: true })
    case 'done':
      return rest({ phase: 'resting', isStale: state.isStale, failures: 0 })
    case 'failed':
      return rest({ phase: 'resting', isStale: true, failures: state.failures + 1 })
    case 'refused':
      return stay({ phase: 'barred', isStale: false, failures: 0 })
    default:
      return stay(state)
  }
}

const stay = (state: PresenceState): PresenceStep => ({ state, command: null })

const send = (failures: number): PresenceStep => ({
  state: { phase: 'sending', isStale: false, failures },
  command: { type: 'send' },
})

const rest = (state: PresenceState): PresenceStep => ({
  state,
  command: { type: 'rest', failures: state.failures },
})

/**
 * The longest time between two sweeps, in milliseconds. y-protocols removes a client after 30 s of
 * silence, which is less than our heartbeat interval, unless a sweep renews it.
 */
export const PRESENCE_SWEEP_MS = 10_000

/**
 * The time until the next sweep: when the first client has been silent for too long, but not longer
 * than the maximum.
 */
export const sweepDelay = (lastHeard: ReadonlyMap<number, number>, now: number): number =>
  Math.max(
    0,
    Math.min(
      PRESENCE_SWEEP_MS,
      ...[...lastHeard.values()].map((heardAt) => heardAt + PRESENCE_EXPIRY_MS - now),
    ),
  )

/** The clients that have been silent for too long. */
export function expired(lastHeard: ReadonlyMap<number, number>, now: number): number[] {
  return [...lastHeard]
    .filter(([, heardAt]) => now - heardAt >= PRESENCE_EXPIRY_MS)
    .map(([clientId]) => clientId)
}
