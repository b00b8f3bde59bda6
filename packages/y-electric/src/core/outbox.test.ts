import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Batch,
  type CutBatches,
  EMPTY_OUTBOX,
  isOutboxEmpty,
  type OutboxEvent,
  type OutboxPhase,
  type OutboxState,
  outboxStep,
  unackedIds,
  unackedSince,
  unackedUpdates,
} from './outbox.ts'

const bytes = (...numbers: number[]) => new Uint8Array(numbers)

/**
 * One batch per edit would hide merging mistakes, so this makes one batch of all edits, byte after
 * byte.
 */
const cut: CutBatches = (edits, batchId, madeAt) => [
  { batchId, update: bytes(...edits.flatMap((edit) => [...edit])), madeAt },
]

const head: Required<Batch> = { batchId: 'head', update: bytes(1), madeAt: 10 }
const next: Required<Batch> = { batchId: 'next', update: bytes(2), madeAt: 20 }
const both: OutboxState = { ...EMPTY_OUTBOX, batches: [head, next] }
const gathering = {
  edits: { last: bytes(3), before: null },
  nextBatchId: 'b1',
  editsMadeAt: 30,
}
const STATES: Record<OutboxPhase, OutboxState> = {
  closed: both,
  idle: { ...EMPTY_OUTBOX, ...gathering, phase: 'idle' },
  sending: { ...both, ...gathering, phase: 'sending', failures: 1 },
  waiting: { ...both, phase: 'waiting', failures: 2 },
  blocked: { ...both, phase: 'blocked' },
}
const EVENTS = {
  edited: { type: 'edited', update: bytes(9), freshId: 'fresh', at: 90 },
  restored: { type: 'restored', batches: [{ batchId: 'old', update: bytes(0) }], at: 90 },
  replaced: { type: 'replaced', batches: [{ batchId: 'anew', update: bytes(0) }], at: 90 },
  open: { type: 'open' },
  close: { type: 'close' },
  flush: { type: 'flush' },
  retry: { type: 'retry' },
  ackedHead: { type: 'acked', batchId: 'head' },
  ackedOther: { type: 'acked', batchId: 'next' },
  failedHead: { type: 'failed', batchId: 'head' },
  failedOther: { type: 'failed', batchId: 'next' },
  refusedHead: { type: 'refused', batchId: 'head' },
  refusedOther: { type: 'refused', batchId: 'next' },
} as const satisfies Record<string, OutboxEvent>

/** The entries above, and each type of event that has none: the compiler then names it below. */
type EventName =
  | keyof typeof EVENTS
  | Exclude<OutboxEvent['type'], (typeof EVENTS)[keyof typeof EVENTS]['type']>

/** The next phase and the command (`send ID`, `wait N`). The compiler requires every cell. */
const TABLE: Record<OutboxPhase, Record<EventName, string>> = {
  closed: {
    edited: 'closed',
    restored: 'closed',
    replaced: 'closed',
    open: 'sending send head',
    close: 'closed',
    flush: 'closed',
    retry: 'closed',
    ackedHead: 'closed',
    ackedOther: 'closed',
    failedHead: 'closed',
    failedOther: 'closed',
    refusedHead: 'closed',
    refusedOther: 'closed',
  },
  idle: {
    edited: 'idle',
    restored: 'idle',
    replaced: 'idle',
    open: 'idle',
    close: 'closed',
    flush: 'sending send b1',
    retry: 'idle',
    ackedHead: 'idle',
    ackedOther: 'idle',
    failedHead: 'idle',
    failedOther: 'idle',
    refusedHead: 'idle',
    refusedOther: 'idle',
  },
  sending: {
    edited: 'sending',
    restored: 'sending',
    replaced: 'idle',
    open: 'sending',
    close: 'closed',
    flush: 'sending',
    retry: 'sending',
    ackedHead: 'sending send next',
    ackedOther: 'sending',
    failedHead: 'waiting wait 2',
    failedOther: 'sending',
    refusedHead: 'blocked',
    refusedOther: 'sending',
  },
  waiting: {
    edited: 'waiting',
    restored: 'waiting',
    replaced: 'idle',
    open: 'waiting',
    close: 'closed',
    flush: 'waiting',
    retry: 'sending send head',
    ackedHead: 'waiting',
    ackedOther: 'waiting',
    failedHead: 'waiting',
    failedOther: 'waiting',
    refusedHead: 'waiting',
    refusedOther: 'waiting',
  },
  blocked: {
    edited: 'blocked',
    restored: 'blocked',
    replaced: 'idle',
    open: 'sending send head',
    close: 'closed',
    flush: 'blocked',
    retry: 'blocked',
    ackedHead: 'blocked',
    ackedOther: 'blocked',
    failedHead: 'blocked',
    failedOther: 'blocked',
    refusedHead: 'blocked',
    refusedOther: 'blocked',
  },
}

describe('every transition', () => {
  for (const phase of Object.keys(TABLE) as OutboxPhase[]) {
    for (const name of Object.keys(EVENTS) as (keyof typeof EVENTS)[]) {
      test(`${phase} × ${name}`, () => {
        const { state, command } = outboxStep(STATES[phase], EVENTS[name], cut)
        const does =
          command === null
            ? ''
            : command.type === 'send'
              ? ` send ${command.batch.batchId}`
              : ` wait ${command.failures}`
        expect(state.phase + does).toBe(TABLE[phase][name])
      })
    }
  }
})

describe('the age of the waiting edits', () => {
  const since = Object.entries(STATES).map(([phase, state]) => [phase, unackedSince(state)])
  test('is the time at which the oldest of them was made, sent or not', () => {
    expect(Object.fromEntries(since)).toEqual({
      closed: 10,
      idle: 30,
      sending: 10,
      waiting: 10,
      blocked: 10,
    })
    expect(unackedSince(EMPTY_OUTBOX)).toBeNull()
  })

  test('is kept for gathering edits, for their batch, and for edits of an earlier page', () => {
    let state = outboxStep(EMPTY_OUTBOX, EVENTS.edited, cut).state
    state = outboxStep(state, { ...EVENTS.edited, at: 95 }, cut).state
    expect(unackedSince(state)).toBe(90)
    const old = { batchId: 'old', update: bytes(0), madeAt: 5 }
    state = outboxStep(state, { ...EVENTS.restored, batches: [old] }, cut).state
    expect(unackedSince(state)).toBe(5)
    state = outboxStep(state, EVENTS.open, cut).state
    state = outboxStep(state, { type: 'acked', batchId: 'old' }, cut).state
    expect([state.phase, unackedSince(state)]).toEqual(['sending', 90])
    expect(
      unackedSince(outboxStep(state, { type: 'acked', batchId: 'fresh' }, cut).state),
    ).toBeNull()
  })

  test('is the time of arrival if the edit does not say when it was made', () => {
    for (const event of [EVENTS.restored, EVENTS.replaced]) {
      expect(unackedSince(outboxStep(EMPTY_OUTBOX, event, cut).state)).toBe(90)
    }
  })
})

test('is forgotten when other edits replace everything that waits', () => {
  for (const state of Object.values(STATES)) {
    const replaced = outboxStep(state, EVENTS.replaced, cut).state
    expect(unackedIds(replaced)).toEqual(['anew'])
    expect(replaced.failures).toBe(0)
  }
  expect(unackedIds(STATES.sending)).toEqual(['head', 'next', 'b1'])
})

describe('ACK-2: a local update leaves the outbox only when its own batch is acked', () => {
  const event = fc.oneof(
    fc.nat(255).map((n): OutboxEvent => ({ type: 'edited', update: bytes(n), freshId: '', at: n })),
    fc.constantFrom<OutboxEvent[]>(
      { type: 'open' },
      { type: 'close' },
      { type: 'flush' },
      { type: 'retry' },
    ),
    fc.record({
      type: fc.constantFrom('acked' as const, 'failed' as const, 'refused' as const),
      batchId: fc.nat(12).map((n) => `b${n}`),
    }),
  )

  test('the outbox keeps its invariants for any order of events', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        let made = 0
        let state = EMPTY_OUTBOX
        const idOf = new Map<string, string>()
        for (const event of events) {
          const each = event.type === 'edited' ? { ...event, freshId: `b${++made}` } : event
          const before = unackedUpdates(state).flatMap((update) => [...update])
          const acked = state.batches.find(
            ({ batchId }) => each.type === 'acked' && batchId === each.batchId,
          )
          const step = outboxStep(state, each, cut)
          state = step.state

          const added = each.type === 'edited' ? [...each.update] : []
          const gone = acked === undefined ? 0 : acked.update.length
          const after = unackedUpdates(state).flatMap((update) => [...update])
          expect(after.length).toBe(before.length + added.length - gone)
          if (acked === undefined) expect(after).toEqual([...before, ...added])

          // Same id and same bytes on every try; only the oldest batch is ever in flight.
          if (step.command?.type === 'send') {
            const { batchId, update } = step.command.batch
            expect(state.batches[0]?.batchId).toBe(batchId)
            expect(idOf.get(batchId) ?? String(update)).toBe(String(update))
            idOf.set(batchId, String(update))
          }
          expect(state.phase === 'sending' && isOutboxEmpty(state)).toBe(false)
        }
      }),
      { numRuns: 500 },
    )
  })
})
