// The server refuses requests for a time, because of a rate limit or a full quota. Editing continues,
// nothing is lost, the app is notified, and the provider waits for as long as the server asks.
import type { LimitRefusal } from '@y-electric/server'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { createGate, type Gate } from '../e2e/gate.ts'
import { freshDocId, readStored, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { rebuild } from '../harness/oracle.ts'

const backend = useBackend()
let server: TestServer
/** The answers of the server's limits to writes and to reads. */
let onWrite: LimitRefusal | null = null
let onRead: LimitRefusal | null = null
let isAllowed = true
let clients: TestClient[] = []

beforeAll(async () => {
  server = await serveApp({
    backend: backend.current,
    authorize: () => (isAllowed ? { user: 'ada' } : 'forbidden'),
    limits: (_request, { action }) => (action === 'write' ? onWrite : onRead),
    revoke: 'a-secret',
    reauthorizeMs: 3_600_000,
  })
  return () => server.close()
})
beforeEach(() => {
  onWrite = null
  onRead = null
  isAllowed = true
})
afterEach(async () => {
  for (const client of clients) await client.close()
  clients = []
})

const open = (docId = freshDocId()): TestClient & { readonly gate: Gate } => {
  const gate = createGate()
  const client = { ...openClient({ url: server.url, docId, fetch: gate.fetch }), gate }
  clients.push(client)
  return client
}
const writes = ({ gate }: { readonly gate: Gate }) =>
  gate.calls.filter(({ route }) => route === 'updates').length
const serverText = async ({ provider }: TestClient): Promise<string> =>
  rebuild(await readStored(server.pool, provider.docId))
    .getText('body')
    .toString()

describe.each([
  ['too_many_requests', 429],
  ['quota_exceeded', 507],
] as const)('%s', (code, status) => {
  test('on a write: editing continues, the app is notified, the provider waits, and all edits are saved in the end', async () => {
    const ada = open()
    await eventually(() => ada.provider.status === 'connected')
    onWrite = { code, retryAfter: 1, message: 'the reason' }
    ada.type('one ')
    await eventually(() => ada.errors.length > 0)
    const refusedAt = performance.now()
    expect(ada.errors[0]).toMatchObject({
      code,
      status,
      retryAfterMs: 1_000,
      message: 'the reason',
    })
    expect(ada.provider.error).toMatchObject({ code })
    expect(ada.provider.status).toBe('offline')
    expect(ada.provider.saved).toBe(false)
    const since = ada.provider.unsavedSince
    expect(since).not.toBeNull()
    ada.type('two ')
    ada.type('three')
    expect(ada.provider.unsavedSince).toBe(since)
    expect(writes(ada)).toBe(1)
    onWrite = null
    await ada.provider.whenSaved()
    expect(performance.now() - refusedAt).toBeGreaterThan(900)
    expect(await serverText(ada)).toBe('one two three')
    expect(ada.provider.error).toBeNull()
    expect(ada.provider.unsavedSince).toBeNull()
    expect(ada.statuses).not.toContain('refused')
  })

  test('on a read: the provider tries again, and then shows the edits of others', async () => {
    const ada = open()
    ada.type('hers')
    await ada.provider.whenSaved()
    onRead = { code, retryAfter: 1 }
    const bob = open(ada.provider.docId)
    await eventually(() => bob.errors.some((error) => error.code === code))
    expect(bob.provider.status).toBe('offline')
    onRead = null
    await eventually(() => bob.text.toString() === 'hers')
    expect(bob.statuses).not.toContain('refused')
  })
})

test('a right that is revoked while the document is open shows as refused, and nothing is lost', async () => {
  const ada = open()
  ada.type('mine')
  await ada.provider.whenSaved()
  await eventually(() => ada.provider.status === 'connected')
  isAllowed = false
  const response = await fetch(`${server.url}/revoke`, {
    method: 'POST',
    headers: { authorization: 'Bearer a-secret', 'content-type': 'application/json' },
    body: JSON.stringify({ docId: ada.provider.docId }),
  })
  expect(response.status).toBe(200)
  await eventually(() => ada.provider.status === 'refused')
  expect(ada.provider.error).toMatchObject({ code: 'forbidden', status: 403 })
  ada.type(' and more')
  expect(ada.provider.saved).toBe(false)
  isAllowed = true
  ada.provider.connect()
  await ada.provider.whenSaved()
  expect(await serverText(ada)).toBe('mine and more')
})
