import { describe, expect, test } from 'vitest'
import { assertLedger, problemOf } from './assert.ts'
import type { LedgerEvent } from './events.ts'
import { factsOf, keepIfEqual } from './facts.ts'
import { ledgerStep } from './ledger.ts'
import type { LedgerState } from './state.ts'
import { describeStep } from './testing/describe.ts'
import { UPDATES } from './testing/edits.ts'
import { INSIDE } from './testing/inside.ts'
import { OUTSIDE } from './testing/outside.ts'
import {
  EVENTS,
  type EventName,
  type MissingEvent,
  runEvents,
  STATES,
  type StateName,
} from './testing/states.ts'

/** The compiler demands an entry for every event. */
const TABLE: Record<EventName | MissingEvent, string> = { ...INSIDE, ...OUTSIDE }
const STATE_NAMES = Object.keys(STATES) as StateName[]
const EVENT_NAMES = Object.keys(EVENTS) as EventName[]

function step(state: LedgerState, event: LedgerEvent) {
  let ids = 0
  const freshId = () => `n${++ids}`
  return ledgerStep(state, event, { now: 5_000, freshId, maxUpdateBytes: 1_000_000 })
}

/** The rows of the table by state. @throws if it names a state twice, or one that does not exist */
function expectationsOf(event: EventName): Record<StateName, string> {
  const rows = TABLE[event]
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' → '))
  const named = rows.flatMap(([names = '', outcome = '']) =>
    names.split(' ').map((name): [string, string] => [name, outcome]),
  )
  const byName = new Map(named)
  if (byName.size < named.length) throw new Error(`the table names a state of ${event} twice`)
  const isKnown = (name: string) => name === 'otherwise' || name in STATES
  const unknown = named.filter(([name]) => !isKnown(name))
  if (unknown.length > 0) throw new Error(`${event}: no such state: ${unknown.join()}`)
  const outcomes = STATE_NAMES.map((name) => [
    name,
    byName.get(name) ?? byName.get('otherwise') ?? 'missing in the table',
  ])
  return Object.fromEntries(outcomes)
}

describe('every transition', () => {
  test.each(EVENT_NAMES)(
    '%s leads every state to the state in the table, and breaks no rule',
    (name) => {
      const event = EVENTS[name]
      const outcomes = STATE_NAMES.map((from) => [
        from,
        describeStep(STATES[from], step(STATES[from], event)),
      ])
      expect(Object.fromEntries(outcomes)).toEqual(expectationsOf(name))
      for (const from of STATE_NAMES) {
        const { state } = step(STATES[from], event)
        expect(assertLedger(STATES[from], event, state) ?? problemOf(state)).toBeNull()
      }
    },
  )
})

describe('an assertion', () => {
  const { sending, live, onDevice, joining } = STATES
  const forged = (state: LedgerState, change: Partial<LedgerState['writing']>): LedgerState => ({
    ...state,
    writing: { ...state.writing, ...change },
  })
  const outbox = sending.writing.outbox

  test.each<[string, LedgerState, LedgerEvent, LedgerState]>([
    [
      'ACK-2',
      sending,
      EVENTS.flush,
      forged(sending, { outbox: { ...outbox, batches: [] }, unanswered: new Map() }),
    ],
    [
      'ACK-3',
      sending,
      EVENTS.flush,
      forged(sending, {
        outbox: {
          ...outbox,
          batches: outbox.batches.map((batch) => ({ ...batch, update: new Uint8Array(1) })),
        },
      }),
    ],
    [
      'SYNC-1',
      joining,
      EVENTS.flush,
      { ...joining, reading: { ...joining.reading, isSynced: true } },
    ],
    ['SYNC-2', live, EVENTS.flush, { ...live, doubt: { type: 'doubted', since: 1, loaded: null } }],
    [
      'DEV-1',
      onDevice,
      EVENTS.flush,
      {
        ...onDevice,
        resume: { type: 'recorded', point: { segment: 0, position: null } },
        reading: {
          ...onDevice.reading,
          connection: { phase: 'joining', failures: 0 },
          isSynced: false,
        },
      },
    ],
  ])('names %s when a step breaks it', (rule, before, event, after) => {
    expect(assertLedger(before, event, after)).toContain(rule)
  })

  test('leads to a new comparison with state after it failed, which ends the doubt', () => {
    const broken = runEvents(live, [EVENTS.broken])
    expect(factsOf(broken, 0).saved).toBe(false)
    const again = runEvents(broken, [EVENTS.stateRead, EVENTS.agrees, EVENTS.stateApplied])
    expect(factsOf(again, 0)).toMatchObject({ saved: true, synced: true })
  })
})

test('content that another persistence loads while state is applied is compared as well', () => {
  const applying = runEvents(STATES.joining, [EVENTS.stateRead, EVENTS.agrees, EVENTS.foreignLoad])
  const { state, effects } = step(applying, EVENTS.stateApplied)
  expect(state.reading).toMatchObject({ connection: { phase: 'joining' }, isSynced: false })
  expect(effects).toContainEqual({ to: 'reader', type: 'join' })
  expect(factsOf(state, 0).saved).toBe(false)
})

test('edits that are adopted while reading is refused are applied, so that resend() keeps them', () => {
  const refused = runEvents(STATES.adopting, [EVENTS.readRefused])
  const batch = { batchId: 't1', update: UPDATES.t, madeAt: 1 }
  const stored = { batches: [batch], ofOthers: [] }
  const { state, effects } = step(refused, { type: 'taken-over', stored })
  expect(state.writing.outbox.batches.map(({ batchId }) => batchId)).toEqual(['t1'])
  expect(effects).toContainEqual(
    expect.objectContaining({ to: 'document', type: 'apply', update: batch.update }),
  )
})

test('an edit that another tab sends is not applied while reading is refused', () => {
  const refused = runEvents(STATES.withTabs, [EVENTS.readRefused])
  const { effects } = step(refused, EVENTS.tabEdit)
  expect(effects.filter(({ to }) => to === 'document')).toEqual([])
})

describe('the facts', () => {
  test('are the same object until one of them changes', () => {
    const before = factsOf(STATES.sending, 1_000)
    const seen = runEvents(STATES.sending, [EVENTS.row])
    expect(keepIfEqual(before, factsOf(seen, 1_000))).toBe(before)
    const acked = runEvents(STATES.sending, [EVENTS.acked])
    const after = factsOf(acked, 1_000)
    expect(keepIfEqual(before, after)).toBe(after)
  })

  test('keep the refused batch as one object while it is the same batch', () => {
    const refused = factsOf(STATES.blocked, 0)
    expect(refused.refusedBatch?.batchId).toBe('b1')
    expect(keepIfEqual(refused, factsOf(STATES.blocked, 0))).toBe(refused)
  })

  test('are frozen', () => {
    expect(Object.isFrozen(factsOf(STATES.live, 0))).toBe(true)
  })
})
