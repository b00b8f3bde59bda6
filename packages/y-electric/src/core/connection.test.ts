import { describe, expect, test } from 'vitest'
import {
  CLOSED,
  type ConnectionCommand,
  type ConnectionEvent,
  type ConnectionState,
  connectionStep,
  willJoin,
} from './connection.ts'

const position = { offset: '7_0', handle: 'h' }
const following = {
  phase: 'following',
  segment: 3,
  live: false,
  resumed: false,
  failures: 1,
} as const

const STATES = {
  closed: CLOSED,
  stopped: { phase: 'stopped' },
  joining: { phase: 'joining', failures: 1 },
  catchingUp: following,
  resumed: { ...following, resumed: true },
  live: { ...following, live: true, failures: 0 },
  waitingToJoin: { phase: 'waiting', failures: 2, resumeFrom: null },
  waitingToFollow: { phase: 'waiting', failures: 2, resumeFrom: { segment: 3, position } },
} as const satisfies Record<string, ConnectionState>

const EVENTS = {
  open: { type: 'open' },
  openWhere: { type: 'open', from: { segment: 8, position } },
  close: { type: 'close' },
  joined: { type: 'joined', from: { segment: 5, position: null } },
  joinedWhere: { type: 'joined', from: { segment: 5, position } },
  caughtUp: { type: 'caught-up' },
  liveAnswered: { type: 'live-answered' },
  sealed: { type: 'sealed' },
  silent: { type: 'silent' },
  rejoin: { type: 'rejoin', isRepeated: false },
  rejoinRepeated: { type: 'rejoin', isRepeated: true },
  failed: { type: 'failed', position },
  refused: { type: 'refused' },
  retry: { type: 'retry' },
} as const satisfies Record<string, ConnectionEvent>

/** The entries above, and each phase and type of event that has none: the compiler then names it below. */
type FromState =
  | keyof typeof STATES
  | Exclude<ConnectionState['phase'], (typeof STATES)[keyof typeof STATES]['phase']>
type EventName =
  | keyof typeof EVENTS
  | Exclude<ConnectionEvent['type'], (typeof EVENTS)[keyof typeof EVENTS]['type']>

/**
 * The next state and the commands; `=` means that nothing changes. The compiler requires every
 * cell.
 */
const TABLE: Record<FromState, Record<EventName, string>> = {
  closed: {
    open: 'joining/0 join',
    openWhere: 'following 8/0 follow 8 from 7_0',
    close: '=',
    joined: '=',
    joinedWhere: '=',
    caughtUp: '=',
    liveAnswered: '=',
    sealed: '=',
    silent: '=',
    rejoin: '=',
    rejoinRepeated: '=',
    failed: '=',
    refused: '=',
    retry: '=',
  },
  stopped: {
    open: 'joining/0 join',
    openWhere: 'following 8/0 follow 8 from 7_0',
    close: 'closed stop',
    joined: '=',
    joinedWhere: '=',
    caughtUp: '=',
    liveAnswered: '=',
    sealed: '=',
    silent: '=',
    rejoin: '=',
    rejoinRepeated: '=',
    failed: '=',
    refused: '=',
    retry: '=',
  },
  joining: {
    open: '=',
    openWhere: '=',
    close: 'closed stop',
    joined: 'following 5/1 follow 5 from the start',
    joinedWhere: 'following 5/1 follow 5 from 7_0',
    caughtUp: '=',
    liveAnswered: '=',
    sealed: '=',
    silent: '=',
    rejoin: '=',
    rejoinRepeated: '=',
    failed: 'waiting/2 wait 2',
    refused: 'stopped stop',
    retry: '=',
  },
  catchingUp: {
    open: '=',
    openWhere: '=',
    close: 'closed stop',
    joined: '=',
    joinedWhere: '=',
    caughtUp: 'live 3/1',
    liveAnswered: 'following 3/0',
    sealed: 'following 4/1 follow 4 from the start',
    silent: 'following 3/1',
    rejoin: 'waiting/2 wait 2',
    rejoinRepeated: 'waiting/2 wait 2',
    failed: 'waiting/2 wait 2',
    refused: 'stopped stop',
    retry: '=',
  },
  resumed: {
    open: '=',
    openWhere: '=',
    close: 'closed stop',
    joined: '=',
    joinedWhere: '=',
    caughtUp: 'live 3/1',
    liveAnswered: 'following 3/0',
    sealed: 'following 4/1 follow 4 from the start',
    silent: '=',
    rejoin: 'joining/1 join',
    rejoinRepeated: 'waiting/2 wait 2',
    failed: 'waiting/2 wait 2',
    refused: 'stopped stop',
    retry: '=',
  },
  live: {
    open: '=',
    openWhere: '=',
    close: 'closed stop',
    joined: '=',
    joinedWhere: '=',
    caughtUp: 'live 3/0',
    liveAnswered: '=',
    sealed: 'live 4/0 follow 4 from the start',
    silent: 'following 3/0',
    rejoin: 'joining/0 join',
    rejoinRepeated: 'waiting/1 wait 1',
    failed: 'waiting/1 wait 1',
    refused: 'stopped stop',
    retry: '=',
  },
  waitingToJoin: {
    open: '=',
    openWhere: '=',
    close: 'closed stop',
    joined: '=',
    joinedWhere: '=',
    caughtUp: '=',
    liveAnswered: '=',
    sealed: '=',
    silent: '=',
    rejoin: '=',
    rejoinRepeated: '=',
    failed: '=',
    refused: '=',
    retry: 'joining/2 join',
  },
  waitingToFollow: {
    open: '=',
    openWhere: '=',
    close: 'closed stop',
    joined: '=',
    joinedWhere: '=',
    caughtUp: '=',
    liveAnswered: '=',
    sealed: '=',
    silent: '=',
    rejoin: '=',
    rejoinRepeated: '=',
    failed: '=',
    refused: '=',
    retry: 'following 3/2 follow 3 from 7_0',
  },
}

function describeState(state: ConnectionState): string {
  if (state.phase === 'following') {
    return `${state.live ? 'live' : 'following'} ${state.segment}/${state.failures}`
  }
  return 'failures' in state ? `${state.phase}/${state.failures}` : state.phase
}

function describeCommand(command: ConnectionCommand | null): string {
  if (command === null) return ''
  if (command.type === 'wait') return ` wait ${command.failures}`
  if (command.type !== 'follow') return ` ${command.type}`
  const { segment, position } = command.from
  return ` follow ${segment} from ${position === null ? 'the start' : position.offset}`
}

describe('every transition', () => {
  for (const from of Object.keys(STATES) as (keyof typeof STATES)[]) {
    for (const name of Object.keys(EVENTS) as (keyof typeof EVENTS)[]) {
      test(`${from} × ${name}`, () => {
        const { state, command } = connectionStep(STATES[from], EVENTS[name])
        const expected = TABLE[from][name]
        if (expected === '=') {
          expect(state).toEqual(STATES[from])
          expect(command).toBeNull()
        } else expect(describeState(state) + describeCommand(command)).toBe(expected)
      })
    }
  }
})

test('a failed follow keeps its resume point, and a failed join does not', () => {
  expect(connectionStep(STATES.live, EVENTS.failed).state).toEqual({
    phase: 'waiting',
    failures: 1,
    resumeFrom: { segment: 3, position },
  })
  expect(connectionStep(STATES.joining, EVENTS.failed).state).toEqual({
    phase: 'waiting',
    failures: 2,
    resumeFrom: null,
  })
})

test('the waits grow while each catch-up succeeds and each live request fails, until one is answered', () => {
  let state: ConnectionState = STATES.catchingUp
  const waits: number[] = []
  const fail = (): void => {
    const failed = connectionStep(state, EVENTS.failed)
    if (failed.command?.type === 'wait') waits.push(failed.command.failures)
    state = connectionStep(failed.state, EVENTS.retry).state
  }
  for (let i = 0; i < 3; i++) {
    state = connectionStep(state, EVENTS.caughtUp).state
    fail()
  }
  expect(waits).toEqual([2, 3, 4])
  state = connectionStep(state, EVENTS.caughtUp).state
  state = connectionStep(state, EVENTS.liveAnswered).state
  fail()
  expect(waits).toEqual([2, 3, 4, 1])
})

test('a client resumes after a silent stream, and joins at once if it must join', () => {
  const { state } = connectionStep(STATES.live, EVENTS.silent)
  expect(connectionStep(state, EVENTS.rejoin).command).toEqual({ type: 'join' })
})

test('state is read first unless reading resumes', () => {
  const joins = Object.entries(STATES).filter(([, state]) => willJoin(state))
  expect(joins.map(([name]) => name)).toEqual(['closed', 'stopped', 'joining', 'waitingToJoin'])
})
