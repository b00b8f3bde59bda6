import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  expired,
  PRESENCE_CLOSED,
  PRESENCE_EXPIRY_MS,
  PRESENCE_HEARTBEAT_MS,
  type PresenceEvent,
  type PresencePhase,
  type PresenceState,
  presenceStep,
} from './presence.ts'

const STATES = {
  closed: PRESENCE_CLOSED,
  idle: { phase: 'idle', isStale: false, failures: 0 },
  sending: { phase: 'sending', isStale: false, failures: 1 },
  sendingStale: { phase: 'sending', isStale: true, failures: 1 },
  resting: { phase: 'resting', isStale: false, failures: 0 },
  restingStale: { phase: 'resting', isStale: true, failures: 2 },
  barred: { phase: 'barred', isStale: false, failures: 0 },
} as const satisfies Record<string, PresenceState>

/**
 * The phase, `!` for stale, failures, and the command; `=` changes nothing. The compiler requires
 * every cell.
 */
const TABLE: Record<keyof typeof STATES, Record<PresenceEvent, string>> = {
  closed: {
    open: 'idle/0',
    close: '=',
    changed: '=',
    done: '=',
    failed: '=',
    refused: '=',
    rested: '=',
  },
  idle: {
    open: '=',
    close: 'closed/0',
    changed: 'sending/0 send',
    done: '=',
    failed: '=',
    refused: '=',
    rested: '=',
  },
  sending: {
    open: '=',
    close: 'closed/0',
    changed: 'sending!/1',
    done: 'resting/0 rest 0',
    failed: 'resting!/2 rest 2',
    refused: 'barred/0',
    rested: '=',
  },
  sendingStale: {
    open: '=',
    close: 'closed/0',
    changed: '=',
    done: 'resting!/0 rest 0',
    failed: 'resting!/2 rest 2',
    refused: 'barred/0',
    rested: '=',
  },
  resting: {
    open: '=',
    close: 'closed/0',
    changed: 'resting!/0',
    done: '=',
    failed: '=',
    refused: '=',
    rested: 'idle/0',
  },
  restingStale: {
    open: '=',
    close: 'closed/0',
    changed: '=',
    done: '=',
    failed: '=',
    refused: '=',
    rested: 'sending/2 send',
  },
  barred: {
    open: 'idle/0',
    close: 'closed/0',
    changed: '=',
    done: '=',
    failed: '=',
    refused: '=',
    rested: '=',
  },
}

const events = Object.keys(TABLE.closed) as PresenceEvent[]

describe.each(Object.entries(STATES))('%s', (name, before) => {
  test.each(events)('%s', (event) => {
    const { state, command } = presenceStep(before, event)
    const isSame = JSON.stringify(state) === JSON.stringify(before) && command === null
    const next = `${state.phase}${state.isStale ? '!' : ''}/${state.failures}`
    const done = command === null ? '' : ` ${command.type}`
    const pause = command?.type === 'rest' ? ` ${command.failures}` : ''
    expect(isSame ? '=' : next + done + pause).toBe(TABLE[name as keyof typeof STATES][event])
  })
})

test('only one request is in flight and no change is forgotten, for any order of events', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (sequence) => {
      let state: PresenceState = PRESENCE_CLOSED
      let isOnItsWay = false
      let isNews = false
      for (const event of sequence) {
        const before: PresencePhase = state.phase
        const { state: after, command } = presenceStep(state, event)
        state = after
        if (before === 'sending' && after.phase !== 'sending') isOnItsWay = false
        if (event === 'changed' && before !== 'closed' && before !== 'barred') isNews = true
        if (event === 'failed' && before === 'sending') isNews = true
        if (after.phase === 'closed' || after.phase === 'barred') isNews = false
        if (command?.type === 'send') {
          if (isOnItsWay) throw new Error(`a second request after ${sequence.join(', ')}`)
          isOnItsWay = true
          isNews = false
        }
        if (isNews && after.phase === 'idle') throw new Error(`forgotten: ${sequence.join(', ')}`)
        expect(isOnItsWay).toBe(after.phase === 'sending')
      }
    }),
  )
})

describe('expired clients', () => {
  test('are exactly the ones last seen at least the expiry time ago', () => {
    const now = 1_000_000
    const heard = new Map([
      [1, now],
      [2, now - PRESENCE_EXPIRY_MS + 1],
      [3, now - PRESENCE_EXPIRY_MS],
      [4, Number.NEGATIVE_INFINITY],
    ])
    expect(expired(heard, now)).toEqual([3, 4])
    expect(expired(new Map(), now)).toEqual([])
  })

  test('never include a client whose heartbeats arrive, and soon include every other client', () => {
    expect(PRESENCE_HEARTBEAT_MS + 5_000).toBeLessThan(PRESENCE_EXPIRY_MS)
    expect(60_000 / PRESENCE_HEARTBEAT_MS).toBeLessThanOrEqual(2)
    // A sweep runs every second.
    expect(PRESENCE_EXPIRY_MS + 1_000).toBeLessThan(40_000)
  })
})
