import { expect, test } from 'vitest'
import { CLOSED, type ConnectionState } from './connection.ts'
import { EMPTY_OUTBOX, type OutboxState } from './outbox.ts'
import { isSaved, type ProviderStatus, providerStatus, type Refusal } from './status.ts'

const live: ConnectionState = {
  phase: 'following',
  segment: 0,
  live: true,
  resumed: false,
  failures: 0,
}
const idle: OutboxState = { ...EMPTY_OUTBOX, phase: 'idle' }
const batches = [{ batchId: 'b', update: new Uint8Array([1]) }]

test.each<[ProviderStatus, ConnectionState, OutboxState, Refusal]>([
  ['closed', CLOSED, EMPTY_OUTBOX, null],
  ['connecting', { phase: 'joining', failures: 0 }, idle, null],
  ['connecting', { ...live, live: false }, idle, null],
  ['connected', live, idle, null],
  ['connected', live, { ...idle, phase: 'sending', batches }, null],
  ['offline', live, { ...idle, phase: 'waiting', batches, failures: 1 }, null],
  ['offline', live, { ...idle, phase: 'sending', batches, failures: 1 }, null],
  ['offline', { phase: 'waiting', failures: 1, resumeFrom: null }, idle, null],
  ['offline', { phase: 'joining', failures: 1 }, idle, null],
  ['offline', { ...live, live: false, failures: 1 }, idle, null],
  ['refused', live, { ...idle, phase: 'blocked', batches }, 'refused'],
  ['refused', { phase: 'stopped' }, idle, 'refused'],
  ['auth-failed', live, { ...idle, phase: 'blocked', batches }, 'unauthenticated'],
  ['auth-failed', { phase: 'stopped' }, idle, 'unauthenticated'],
])('%s: %j, %j, %s', (status, connection, outbox, refusal) => {
  expect(providerStatus(connection, outbox, refusal)).toBe(status)
})

test('saved needs an empty outbox and a reconciled document', () => {
  expect(isSaved(idle, true)).toBe(true)
  expect(isSaved(idle, false)).toBe(false)
  expect(isSaved({ ...idle, edits: { last: new Uint8Array([1]), before: null } }, true)).toBe(false)
  expect(isSaved({ ...idle, batches }, true)).toBe(false)
})
