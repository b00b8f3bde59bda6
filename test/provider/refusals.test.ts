// The server refuses edits, and the app resolves it: with a new permission, as another user, or with
// another document. No edit is dropped in between.
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { answer, type GateCall, type Rule } from '../e2e/gate.ts'
import { freshDocId, readStored, readUpdateRows } from '../e2e/server.ts'
import { rebuild } from '../harness/oracle.ts'
import { connected, type GatedClient, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

const writes = (client: GatedClient): GateCall[] =>
  client.gate.calls.filter(({ route }) => route === 'updates')
const forbidden = answer(403, 'forbidden')
const serverText = async ({ provider }: GatedClient): Promise<string> =>
  rebuild(await readStored(setup.server.pool, provider.docId))
    .getText('body')
    .toString()
/** Runs for election in each interval, as soon as there is anything to compact. */
const EAGER = { everyMs: 40, slotMs: 1, graceMs: 1, minRows: 1, minBytes: 1 }
const settle = () => new Promise((resolve) => setTimeout(resolve, 30))

/** The content of an export, in a separate document. */
function textOf(...updates: (Uint8Array | null | undefined)[]): string {
  const doc = new Y.Doc()
  for (const update of updates) if (update) Y.applyUpdate(doc, update)
  return doc.getText('body').toString()
}

describe('readOnly', () => {
  test('is reported after a 403 on a write; then nothing is sent, and edits of others still arrive', async () => {
    const ada = await connected(setup.open())
    const bob = await connected(setup.open({ docId: ada.provider.docId }))
    const told: boolean[] = []
    ada.provider.on('readOnly', (readOnly) => told.push(readOnly))
    expect(ada.provider.readOnly).toBe(false)
    const heal = ada.gate.use('updates', forbidden)
    ada.type('mine ')
    await eventually(() => ada.provider.readOnly)
    const tries = writes(ada).length
    for (let i = 0; i < 5; i++) {
      ada.type(`${i}`)
      await settle()
    }
    expect(writes(ada).length).toBe(tries)
    bob.type('yours')
    await eventually(() => ada.text.toString().includes('yours'))

    // The app asks for one try, still without permission.
    ada.provider.connect()
    await eventually(() => writes(ada).length === tries + 1)
    await eventually(() => ada.provider.status === 'refused')
    expect(told).toEqual([true])

    heal()
    ada.provider.connect()
    await setup.converged(ada, bob)
    expect(ada.provider.readOnly).toBe(false)
    expect(told).toEqual([true, false])
  })

  test.each([
    [400, 'invalid_update'],
    [413, 'update_too_large'],
    [401, 'unauthenticated'],
  ] as const)('is not reported after %i', async (status, code) => {
    const ada = await connected(setup.open())
    ada.gate.use('updates', answer(status, code))
    ada.type('a')
    await eventually(() => ada.errors.some((error) => error.code === code))
    expect(ada.provider.readOnly).toBe(false)
  })

  test('ends with reconnect(), even if nothing is left to send', async () => {
    const ada = await connected(setup.open())
    const heal = ada.gate.use('updates', forbidden)
    ada.type('a')
    await eventually(() => ada.provider.readOnly)
    heal()
    ada.provider.reconnect()
    expect(ada.provider.readOnly).toBe(false)
    await setup.converged(ada)
  })

  test('stops the client from running for election until it may write again', async () => {
    const stood: string[] = []
    let mayWrite = false
    const guarded: typeof fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const isUpdate = url.pathname.endsWith('/updates')
      if (init?.method !== 'POST' || (isUpdate && mayWrite)) return fetch(input, init)
      if (!isUpdate) stood.push(url.pathname)
      return Response.json({ error: { code: 'forbidden', message: '' } }, { status: 403 })
    }
    const docId = freshDocId()
    const bob = await connected(setup.open({ docId, compaction: false }))
    const ada = setup.open({ docId, fetch: guarded, connect: false, compaction: EAGER })
    ada.type('a')
    ada.provider.connect()
    await eventually(() => ada.provider.readOnly)
    for (let i = 0; i < 6; i++) {
      bob.type('b')
      await bob.provider.whenSaved()
    }
    await eventually(() => ada.text.length === 7)
    await new Promise((resolve) => setTimeout(resolve, 10 * EAGER.everyMs))
    expect(stood).toEqual([])
    mayWrite = true
    ada.provider.reconnect()
    await ada.provider.whenSaved()
    await eventually(() => stood.length > 0)
  })
})

describe('reconnect()', () => {
  test.each(['a function', 'an object'])(
    'asks %s of headers again, and keeps every edit',
    async (kind) => {
      const held = { authorization: 'old' }
      let asked = 0
      const headers = () => {
        asked += 1
        return { ...held }
      }
      const ada = await connected(setup.open({ headers: kind === 'an object' ? held : headers }))
      const bouncer: Rule = async (call, pass) =>
        call.headers.get('authorization') === 'new'
          ? pass()
          : answer(401, 'unauthenticated')(call, pass)
      for (const route of ['updates', 'state', 'segment'] as const) ada.gate.use(route, bouncer)
      ada.type('kept ')
      await eventually(() => ada.provider.status === 'auth-failed')
      const before = [asked, writes(ada).length]
      ada.type('and this')
      await settle()
      // There is exactly one more try for the refused write, and no further one by itself.
      expect([asked, writes(ada).length]).toEqual(before)
      expect(writes(ada).length).toBe(kind === 'an object' ? 1 : 2)
      expect([ada.provider.saved, ada.provider.refusedBatch]).toEqual([false, null])

      held.authorization = 'new'
      ada.provider.reconnect()
      await ada.provider.whenSaved()
      await connected(ada)
      expect(await serverText(ada)).toBe('kept and this')
      expect(new Set(writes(ada).map(({ batchId }) => batchId)).size).toBe(2)
      expect(await readUpdateRows(setup.server.pool, ada.provider.docId)).toHaveLength(2)
    },
  )

  test('ends requests in flight: a write and a read that hang are tried again', async () => {
    const ada = await connected(setup.open())
    ada.gate.next('updates', async () => new Promise(() => {}))
    ada.type('a')
    await eventually(() => writes(ada).length === 1)
    ada.provider.reconnect()
    await ada.provider.whenSaved()
    const [one, two] = writes(ada).map(({ batchId }) => batchId)
    expect(two).toBe(one)
    await connected(ada)
    await eventually(() => ada.gate.open().length === 1)
  })

  test('connects after a disconnect, and does nothing after destroy()', async () => {
    const ada = setup.open({ connect: false })
    ada.type('a')
    ada.provider.reconnect()
    await ada.provider.whenSaved()
    await ada.provider.destroy()
    const calls = ada.gate.calls.length
    ada.provider.reconnect()
    ada.provider.resend()
    await settle()
    expect(ada.gate.calls.length).toBe(calls)
    expect(ada.provider.status).toBe('closed')
  })
})

describe('a refused batch', () => {
  const refusals: [string, Rule][] = [
    ['400', answer(400, 'invalid_update')],
    ['403', forbidden],
    ['413', answer(413, 'update_too_large')],
  ]
  test.each(refusals)(
    '%s: is reported, can be exported, and blocks the edits after it',
    async (_n, rule) => {
      const ada = await connected(setup.open())
      expect([ada.provider.refusedBatch, ada.provider.unsavedUpdate()]).toEqual([null, null])
      const heal = ada.gate.use('updates', rule)
      ada.type('refused')
      await eventually(() => ada.provider.status === 'refused')
      ada.type(', and after')
      const refused = ada.provider.refusedBatch
      expect(refused?.batchId).toBe(writes(ada)[0]?.batchId)
      expect(refused?.error).toBe(ada.provider.error)
      expect(refused?.error.batchId).toBe(refused?.batchId)
      expect(textOf(refused?.update)).toBe('refused')
      expect(textOf(ada.provider.unsavedUpdate())).toBe('refused, and after')

      heal()
      ada.provider.connect()
      await ada.provider.whenSaved()
      expect([ada.provider.refusedBatch, ada.provider.unsavedUpdate()]).toEqual([null, null])
      expect(await serverText(ada)).toBe('refused, and after')
    },
  )

  test('is not reported for a batch that only fails or waits', async () => {
    const ada = await connected(setup.open())
    ada.gate.use('updates', answer(503, 'database_unavailable'))
    ada.type('a')
    await eventually(() => ada.provider.status === 'offline')
    expect(ada.provider.refusedBatch).toBeNull()
    expect(textOf(ada.provider.unsavedUpdate())).toBe('a')
  })

  test('is exported without the content that the server already has', async () => {
    const ada = await connected(setup.open())
    ada.type('saved, ')
    await ada.provider.whenSaved()
    ada.gate.use('updates', forbidden)
    ada.type('not saved')
    await eventually(() => ada.provider.readOnly)
    const update = ada.provider.unsavedUpdate()
    expect(textOf(update)).toBe('')
    const copy = rebuild(await readStored(setup.server.pool, ada.provider.docId))
    if (update !== null) Y.applyUpdate(copy, update)
    expect(copy.getText('body').toString()).toBe('saved, not saved')
  })
})
