// ACK-1, ACK-2 and SYNC-1 for the writer: an edit leaves the outbox only when its row is committed.
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import {
  answer,
  dropAnswer,
  dropRequest,
  type GateCall,
  type Rule,
  sendTwice,
} from '../e2e/gate.ts'
import { readUpdateRows } from '../e2e/server.ts'
import { connected, type GatedClient, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

const writes = (client: GatedClient): GateCall[] =>
  client.gate.calls.filter(({ route }) => route === 'updates')
const rowsOf = (client: GatedClient) => readUpdateRows(setup.server.pool, client.provider.docId)

test('the first keystroke is sent at once, and later keystrokes gather in one batch', async () => {
  const ada = await connected(setup.open())
  const held = ada.gate.hold('updates')
  ada.type('a')
  expect(ada.provider.saved).toBe(false)
  await held.arrived
  for (const letter of 'bcdef') {
    ada.type(letter)
    await Promise.resolve()
  }
  expect(ada.gate.count('updates')).toBe(1)
  held.release()
  await ada.provider.whenSaved()
  expect(await rowsOf(ada)).toHaveLength(2)
  await setup.converged(ada)
})

test('saved is false until the row is committed, and its changes are reported', async () => {
  const ada = await connected(setup.open())
  const told: boolean[] = []
  ada.provider.on('saved', (saved) => told.push(saved))
  const held = ada.gate.hold('updates')
  ada.type('a')
  await held.arrived
  expect(await rowsOf(ada)).toEqual([])
  expect(told).toEqual([false])
  held.release()
  await ada.provider.whenSaved()
  expect(await rowsOf(ada)).toHaveLength(1)
  expect(told).toEqual([false, true])
})

const onceLost: [string, Rule][] = [
  ['the request is lost', dropRequest],
  ['the answer is lost', dropAnswer],
  ['the request arrives twice', sendTwice],
  ['500', answer(500, 'internal')],
  ['503', answer(503, 'database_unavailable')],
  ['502 of a proxy', async () => new Response('<h1>Bad Gateway</h1>', { status: 502 })],
  ['429', async () => new Response('', { status: 429 })],
  ['408', async () => new Response('', { status: 408 })],
  ['409', answer(409, 'segment_conflict')],
  ['400 of a bad parameter', answer(400, 'invalid_request')],
  ['415', answer(415, 'unsupported_media_type')],
  ['400 of a proxy', async () => new Response('', { status: 400 })],
  ['404 of a proxy', async () => new Response('<h1>Not Found</h1>', { status: 404 })],
  ['405 of a proxy', async () => new Response('', { status: 405 })],
  ['413 of a proxy', async () => new Response('too large', { status: 413 })],
]
test.each(onceLost)('a retry has the same batch id and gives one row: %s', async (_name, rule) => {
  const ada = await connected(setup.open())
  ada.gate.next('updates', rule, rule)
  ada.type('once')
  await ada.provider.whenSaved()
  const ids = writes(ada).map(({ batchId }) => batchId)
  expect(new Set(ids).size).toBe(1)
  expect((await rowsOf(ada)).map(({ batchId }) => batchId)).toEqual([ids[0]])
  await setup.converged(ada)
})

test('the status is offline while a write fails, and recovers', async () => {
  const ada = await connected(setup.open())
  const heal = ada.gate.use('updates', dropRequest)
  ada.type('a')
  await eventually(() => ada.provider.status === 'offline')
  expect(ada.provider.error?.code).toBe('network')
  expect(ada.provider.saved).toBe(false)
  heal()
  await ada.provider.whenSaved()
  expect(ada.provider.status).toBe('connected')
  expect(ada.provider.error).toBeNull()
})

test('a retry waits at least for Retry-After', async () => {
  const ada = await connected(setup.open())
  ada.gate.next('updates', answer(503, 'database_unavailable', { 'retry-after': '1' }))
  const began = performance.now()
  ada.type('a')
  await ada.provider.whenSaved()
  expect(performance.now() - began).toBeGreaterThan(950)
})

// A login page, a cache, a mistyped url: none of them stored anything.
const notAcks: [string, () => Response][] = [
  [
    'a login page with 200',
    () => new Response('<form>', { status: 200, headers: { 'content-type': 'text/html' } }),
  ],
  ['JSON of another service', () => Response.json({ ok: true })],
  ['an empty 200', () => new Response(null, { status: 200 })],
  ['204', () => new Response(null, { status: 204 })],
  ['202', () => Response.json({ seq: 1 }, { status: 202 })],
]
test.each(notAcks)(
  'an answer that is not an ack does not count as one: %s',
  async (_name, response) => {
    const ada = await connected(setup.open())
    const heal = ada.gate.use('updates', async () => response())
    ada.type('not lost')
    await eventually(() => ada.gate.count('updates') >= 2)
    expect(ada.provider.saved).toBe(false)
    heal()
    await ada.provider.whenSaved()
    expect(await rowsOf(ada)).toHaveLength(1)
    await setup.converged(ada)
  },
)

test('an ack whose body is cut off is asked for again, and is one row', async () => {
  const ada = await connected(setup.open())
  ada.gate.next('updates', async (_call, pass) => {
    const { status, headers } = await pass()
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new TypeError('terminated')),
    })
    return new Response(body, { status, headers })
  })
  ada.type('a')
  await ada.provider.whenSaved()
  expect(await rowsOf(ada)).toHaveLength(1)
})

describe('a refused batch', () => {
  const refusals: [string, Rule, string][] = [
    ['400', answer(400, 'invalid_update'), 'invalid_update'],
    ['403', answer(403, 'forbidden'), 'forbidden'],
    ['404', answer(404, 'not_found'), 'not_found'],
    ['410', answer(410, 'deleted'), 'deleted'],
    ['413', answer(413, 'update_too_large'), 'update_too_large'],
    ['403 of a proxy', async () => new Response('no', { status: 403 }), 'forbidden'],
  ]
  test.each(refusals)(
    '%s: is kept, reports why, and is sent after connect()',
    async (_n, rule, code) => {
      const ada = await connected(setup.open())
      const heal = ada.gate.use('updates', rule)
      ada.type('kept')
      await eventually(() => ada.provider.status === 'refused')
      expect(ada.provider.error?.code).toBe(code)
      expect(ada.errors.at(-1)?.code).toBe(code)
      expect(ada.provider.saved).toBe(false)

      ada.type(', this too')
      const tries = ada.gate.count('updates')
      heal()
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(ada.gate.count('updates')).toBe(tries)

      ada.provider.connect()
      await ada.provider.whenSaved()
      expect(ada.provider.status).toBe('connected')
      expect(ada.provider.error).toBeNull()
      await setup.converged(ada)
    },
  )

  test('does not stop edits of others from arriving', async () => {
    const ada = await connected(setup.open())
    const bob = await connected(setup.open({ docId: ada.provider.docId }))
    ada.gate.use('updates', answer(403, 'forbidden'))
    ada.type('mine')
    await eventually(() => ada.provider.status === 'refused')
    bob.type('yours')
    await eventually(() => ada.text.toString().includes('yours'))
    expect(ada.provider.synced).toBe(true)
    expect(ada.provider.status).toBe('refused')
  })

  test('survives a disconnect', async () => {
    const ada = await connected(setup.open())
    const heal = ada.gate.use('updates', answer(403, 'forbidden'))
    ada.type('kept')
    await eventually(() => ada.provider.status === 'refused')
    ada.provider.disconnect()
    expect(ada.provider.status).toBe('closed')
    expect(ada.provider.saved).toBe(false)
    heal()
    ada.provider.connect()
    await setup.converged(ada)
    expect(await rowsOf(ada)).toHaveLength(1)
  })
})

describe('headers', () => {
  test('are asked from a function for each request, and once more on 401', async () => {
    let token = 0
    const ada = await connected(
      setup.open({ headers: () => ({ authorization: `Bearer ${token++}` }) }),
    )
    ada.gate.next('updates', answer(401, 'unauthenticated'))
    ada.type('a')
    await ada.provider.whenSaved()
    const [first, second] = writes(ada).map(({ headers }) => headers.get('authorization'))
    expect(first).not.toBe(second)
    expect(new Set(writes(ada).map(({ batchId }) => batchId)).size).toBe(1)
    expect(ada.statuses).not.toContain('auth-failed')
    expect(ada.errors).toEqual([])
  })

  test.each([
    ['a function', () => ({ authorization: 'old' }), 2],
    ['an object', { authorization: 'old' }, 1],
  ])(
    'make the status auth-failed, and edits are kept, if %s gets 401 repeatedly',
    async (_name, headers, tries) => {
      const ada = await connected(setup.open({ headers }))
      const heal = ada.gate.use('updates', answer(401, 'unauthenticated'))
      ada.type('kept')
      await eventually(() => ada.provider.status === 'auth-failed')
      expect(ada.gate.count('updates')).toBe(tries)
      expect(ada.provider.error?.code).toBe('unauthenticated')
      heal()
      ada.provider.connect()
      await ada.provider.whenSaved()
      expect(ada.provider.status).toBe('connected')
      await setup.converged(ada)
    },
  )

  test('cause a temporary error if their function fails', async () => {
    let fails = false
    const ada = await connected(
      setup.open({
        headers: async () => {
          if (fails) throw new Error('no token today')
          return {}
        },
      }),
    )
    fails = true
    ada.type('a')
    await eventually(() => ada.errors.some(({ code }) => code === 'bad_headers'))
    expect(ada.provider.saved).toBe(false)
    fails = false
    await setup.converged(ada)
  })
})

test('an edit larger than a batch is sent as several batches that the server accepts', async () => {
  const ada = await connected(setup.open({ maxUpdateBytes: 2_000 }))
  ada.doc.transact(() => {
    for (let i = 0; i < 400; i++) ada.doc.getMap('map').set(`key ${i}`, 'some value')
  })
  await ada.provider.whenSaved()
  const rows = await rowsOf(ada)
  expect(rows.length).toBeGreaterThan(3)
  for (const { data } of rows) expect(data.byteLength).toBeLessThanOrEqual(2_000)
  await setup.converged(ada)
})

test('edits made offline are sent after connect(), even if they only delete', async () => {
  const ada = await connected(setup.open())
  ada.type('abcdef')
  await ada.provider.whenSaved()
  ada.provider.disconnect()
  ada.text.delete(1, 2)
  expect(ada.provider.saved).toBe(false)
  ada.provider.connect()
  await setup.converged(ada)
  expect(await rowsOf(ada)).toHaveLength(2)
})

describe('earlier content of the document is sent:', () => {
  test('content seeded before the provider is created', async () => {
    const doc = new Y.Doc()
    doc.getText('body').insert(0, 'seeded')
    doc.getText('body').delete(0, 1)
    const ada = setup.open({ doc })
    expect(ada.provider.saved).toBe(false)
    await setup.converged(ada)
    expect(await rowsOf(ada)).toHaveLength(1)
    const late = setup.open({ docId: ada.provider.docId })
    await late.provider.whenSynced()
    expect(late.text.toString()).toBe('eeded')
  })

  test('content seeded between creating and connecting the provider', async () => {
    const ada = setup.open({ connect: false })
    ada.type('typed while closed')
    expect(ada.provider.status).toBe('closed')
    ada.provider.connect()
    await setup.converged(ada)
  })

  test('deletions alone, made by an earlier session', async () => {
    const ada = await connected(setup.open())
    ada.type('abc')
    await ada.provider.whenSaved()
    const doc = new Y.Doc()
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(ada.doc))
    doc.getText('body').delete(0, 2)
    const again = setup.open({ doc, docId: ada.provider.docId })
    await setup.converged(again, ada)
    expect(await rowsOf(ada)).toHaveLength(2)
  })

  test('nothing, if the server has it all, deletions included', async () => {
    const ada = await connected(setup.open())
    ada.type('abc')
    ada.text.delete(0, 2)
    await ada.provider.whenSaved()
    const doc = new Y.Doc()
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(ada.doc))
    const again = await connected(setup.open({ doc, docId: ada.provider.docId }))
    expect(again.provider.saved).toBe(true)
    expect(again.gate.count('updates')).toBe(0)
  })

  test('content that waits for edits which nobody has sent yet', async () => {
    const author = new Y.Doc()
    const updates: Uint8Array[] = []
    author.on('update', (update) => updates.push(update))
    author.getText('body').insert(0, 'first')
    author.getText('body').insert(5, ' second')
    const [first, second] = updates
    if (first === undefined || second === undefined) throw new Error('two updates')
    const doc = new Y.Doc()
    Y.applyUpdate(doc, second)
    const ada = await connected(setup.open({ doc }))
    await ada.provider.whenSaved()
    expect(await rowsOf(ada)).toHaveLength(1)

    const bobsDoc = new Y.Doc()
    Y.applyUpdate(bobsDoc, first)
    const bob = setup.open({ doc: bobsDoc, docId: ada.provider.docId })
    await setup.converged(bob, ada)
    expect(ada.text.toString()).toBe('first second')
  })
})
