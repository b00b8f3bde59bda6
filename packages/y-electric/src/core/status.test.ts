import { expect, test } from 'vitest'
import { CLOSED, type ConnectionState } from './connection.ts'
import { EMPTY_OUTBOX, type OutboxState } from './outbox.ts'
import {
  ANSWER_PATIENCE_MS,
  type Answers,
  earliest,
  forbidsWriting,
  isAtRisk,
  isSaved,
  type ProviderStatus,
  providerStatus,
  type Refusal,
} from './status.ts'

const live: ConnectionState = {
  phase: 'following',
  segment: 0,
  live: true,
  resumed: false,
  failures: 0,
}
const idle: OutboxState = { ...EMPTY_OUTBOX, phase: 'idle' }
const answered: Answers = { awaitedSince: null, now: 5_000 }
const batches = [{ batchId: 'b', update: new Uint8Array([1]), madeAt: 1 }]

/** The states that have each status. The compiler requires an entry for every status. */
const STATES: Record<ProviderStatus, readonly [ConnectionState, OutboxState, Refusal][]> = {
  closed: [[CLOSED, EMPTY_OUTBOX, null]],
  connecting: [
    [{ phase: 'joining', failures: 0 }, idle, null],
    [{ ...live, live: false }, idle, null],
  ],
  connected: [
    [live, idle, null],
    [live, { ...idle, phase: 'sending', batches }, null],
  ],
  offline: [
    [live, { ...idle, phase: 'waiting', batches, failures: 1 }, null],
    [live, { ...idle, phase: 'sending', batches, failures: 1 }, null],
    [{ phase: 'waiting', failures: 1, resumeFrom: null }, idle, null],
    [{ phase: 'joining', failures: 1 }, idle, null],
    [{ ...live, live: false, failures: 1 }, idle, null],
  ],
  refused: [
    [live, { ...idle, phase: 'blocked', batches }, 'refused'],
    [{ phase: 'stopped' }, idle, 'refused'],
  ],
  'auth-failed': [
    [live, { ...idle, phase: 'blocked', batches }, 'unauthenticated'],
    [{ phase: 'stopped' }, idle, 'unauthenticated'],
  ],
}
const EXAMPLES = Object.entries(STATES).flatMap(([status, states]) =>
  states.map((state) => [status, ...state] as const),
)

test.each(EXAMPLES)('%s: %j, %j, %s', (status, connection, outbox, refusal) => {
  expect(providerStatus(connection, outbox, refusal, answered)).toBe(status)
})

const waiting = (ms: number): Answers => ({ awaitedSince: 1_000, now: 1_000 + ms })
const late = waiting(ANSWER_PATIENCE_MS)
const sending: OutboxState = { ...idle, phase: 'sending', batches }

test.each<[ProviderStatus, string, ConnectionState, OutboxState, Answers]>([
  ['connected', 'a write has just been sent', live, sending, waiting(0)],
  ['connected', 'an answer is nearly late', live, sending, waiting(ANSWER_PATIENCE_MS - 1)],
  ['connecting', 'an answer to a write is late', live, sending, late],
  ['connecting', 'an answer to a read is late', live, idle, late],
  ['connecting', 'a first answer is late', { ...live, live: false }, idle, late],
  ['connecting', 'a first answer is late', { phase: 'joining', failures: 0 }, idle, late],
  ['offline', 'a try after a failure is late', live, { ...sending, failures: 1 }, late],
  ['offline', 'it waits', { phase: 'waiting', failures: 1, resumeFrom: null }, idle, late],
  ['closed', 'it is closed', CLOSED, EMPTY_OUTBOX, late],
  ['refused', 'it is refused', { phase: 'stopped' }, idle, late],
])('%s while %s', (status, _what, connection, outbox, answers) => {
  expect(providerStatus(connection, outbox, null, answers)).toBe(status)
})

test('saved requires an empty outbox and a reconciled document', () => {
  expect(isSaved(idle, true)).toBe(true)
  expect(isSaved(idle, false)).toBe(false)
  expect(isSaved({ ...idle, edits: { last: new Uint8Array([1]), before: null } }, true)).toBe(false)
  expect(isSaved({ ...idle, batches }, true)).toBe(false)
})

test('the earliest of several moments, of which some are null', () => {
  expect(earliest([])).toBeNull()
  expect(earliest([null, null])).toBeNull()
  expect(earliest([null, 0])).toBe(0)
  expect(earliest([5, null, 3, 4])).toBe(3)
})

test('edits are at risk if they are neither on the server nor on this device', () => {
  expect(isAtRisk(null, false)).toBe(false)
  expect(isAtRisk(null, true)).toBe(false)
  expect(isAtRisk(0, true)).toBe(false)
  expect(isAtRisk(0, false)).toBe(true)
})

test('only 403 means that the client may not write', () => {
  for (const status of [undefined, 400, 401, 409, 413, 500]) {
    expect(forbidsWriting(status)).toBe(false)
  }
  expect(forbidsWriting(403)).toBe(true)
})
