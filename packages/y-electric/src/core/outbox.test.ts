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
  unackedUpdates,
} from './outbox.ts'

const bytes = (...numbers: number[]) => new Uint8Array(numbers)

/** One batch for each edit would hide merging mistakes: this one makes a batch of all, byte after byte. */
const cut: CutBatches = (edits, batchId) => [
  { batchId, update: bytes(...edits.flatMap((edit) => [...edit])) },
]

const head: Batch = { batchId: 'head', update: bytes(1) }
const next: Batch = { batchId: 'next', update: bytes(2) }
const STATES: Record<OutboxPhase, OutboxState> = {
  closed: { phase: 'closed', edits: null, nextBatchId: null, batches: [head, next], failures: 0 },
  idle: {
    phase: 'idle',
    edits: { last: bytes(3), before: null },
    nextBatchId: 'b1',
    batches: [],
    failures: 0,
  },
  sending: {
    phase: 'sending',
    edits: { last: bytes(3), before: null },
    nextBatchId: 'b1',
    batches: [head, next],
    failures: 1,
  },
  waiting: { phase: 'waiting', edits: null, nextBatchId: null, batches: [head, next], failures: 2 },
  blocked: { phase: 'blocked', edits: null, nextBatchId: null, batches: [head, next], failures: 0 },
}
const EVENTS = {
  edited: { type: 'edited', update: bytes(9), freshId: 'fresh' },
  restored: { type: 'restored', batches: [{ batchId: 'old', update: bytes(0) }] },
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

/** What follows: the next phase, and what is done (`send ID`, `wait N`). The compiler wants every cell. */
const TABLE: Record<OutboxPhase, Record<keyof typeof EVENTS, string>> = {
  closed: {
    edited: 'closed',
    restored: 'closed',
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

describe('rule 5: a local update leaves the outbox only when its own batch is acked', () => {
  const event = fc.oneof(
    fc.nat(255).map((n): OutboxEvent => ({ type: 'edited', update: bytes(n), freshId: '' })),
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

  test('whatever happens, in whatever order', () => {
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

          // Same id, same bytes on every try; only the oldest batch is ever on its way.
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
