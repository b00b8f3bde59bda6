import { expect, test } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { createGate } from '../e2e/gate.ts'
import { seeEachOther } from './people.ts'
import { usePeople } from './setup.ts'

const setup = usePeople()
const { open } = setup
const token = ({ request }: { request: Request }) => request.headers.get('authorization')

test('a client that may not show presence sees others, edits, and gets no error', async () => {
  setup.decide = (about) =>
    about.action === 'presence' && token(about) === 'viewer' ? 'forbidden' : 'allow'
  const ada = open('Ada')
  const viewer = open('Viewer', { headers: { authorization: 'viewer' } })
  await eventually(() => expect(viewer.names()).toEqual(['Ada', 'Viewer']))
  await viewer.provider.whenSynced()
  for (let i = 0; i < 20; i++) viewer.move(i)
  viewer.type('edited')
  await viewer.provider.whenSaved()
  await eventually(() => ada.text.toString() === 'edited')
  expect(ada.names()).toEqual(['Ada'])
  await eventually(() => viewer.provider.status === 'connected')
  expect(viewer.errors).toEqual([])
  expect(viewer.puts()).toHaveLength(1)
})

test('a client whose token had expired is visible again after it reconnects', async () => {
  let isValid = false
  setup.decide = (about) => (token(about) === 'ada' && !isValid ? 'unauthenticated' : 'allow')
  const bob = open('Bob')
  const ada = open('Ada', { headers: { authorization: 'ada' } })
  await eventually(() => ada.provider.status === 'auth-failed')
  await eventually(() => ada.puts().length > 0)
  isValid = true
  ada.provider.connect()
  await seeEachOther(ada, bob)
})

test('a client that gets the right to show presence is visible after it reconnects', async () => {
  let isAllowed = false
  setup.decide = (about) => (about.action === 'presence' && !isAllowed ? 'forbidden' : 'allow')
  const [ada, bob] = [open('Ada'), open('Bob')]
  await eventually(() => ada.puts().length > 0 && bob.puts().length > 0)
  await eventually(() => ada.provider.status === 'connected')
  isAllowed = true
  ada.provider.connect()
  bob.provider.connect()
  await seeEachOther(ada, bob)
})

test('a stream that is cut is resumed with all changes in between', async () => {
  const gate = createGate()
  const ada = open('Ada', { fetch: gate.fetch })
  const bob = open('Bob')
  await seeEachOther(ada, bob)
  for (const how of ['reset', 'end'] as const) {
    gate.cut(how)
    await bob.provider.destroy()
    const carol = open(`Carol ${how}`)
    await eventually(() => ada.names().includes(`Carol ${how}`) && !ada.names().includes('Bob'))
    await carol.close()
    await eventually(() => expect(ada.names()).toEqual(['Ada']))
  }
})

test('no client is lost when a shape starts over', async () => {
  const [ada, bob] = [open('Ada'), open('Bob')]
  await seeEachOther(ada, bob)
  const url = new URL(`${setup.backend.current.shapes.url}/v1/shape`)
  url.search = new URLSearchParams({
    table: 'ydoc_awareness',
    columns: 'doc_id,client_id,data',
    where: 'doc_id = $1',
    'params[1]': setup.docId,
  }).toString()
  const dropped = await (setup.backend.current.shapes.fetch ?? fetch)(
    new Request(url, { method: 'DELETE' }),
  )
  expect(dropped.status).toBe(202)
  bob.move(1)
  await eventually(() => ada.awareness.getStates().get(bob.doc.clientID)?.cursor === 1)
  const carol = open('Carol')
  await seeEachOther(ada, bob, carol)
})

test('a joiner ignores rows that are older than the expiry', async () => {
  const bob = open('Bob')
  await eventually(async () => {
    const { rowCount } = await setup.server.pool.query(
      `UPDATE ydoc_awareness SET updated_at = now() - interval '38 seconds' WHERE doc_id = $1`,
      [setup.docId],
    )
    expect(rowCount).toBe(1)
  })
  await bob.crash()
  const ada = open('Ada')
  await eventually(() => ada.calls.some(({ url }) => url.pathname.endsWith('/rows')))
  await ada.provider.whenSynced()
  const carol = open('Carol')
  await seeEachOther(ada, carol)
})

test('a state that is too large is reported and not stored, and the next one is stored', async () => {
  const [ada, bob] = [open('Ada'), open('Bob')]
  await seeEachOther(ada, bob)
  ada.awareness.setLocalStateField('selection', 'x'.repeat(20_000))
  await eventually(() => ada.puts().some(({ body }) => (body?.byteLength ?? 0) > 16_384))
  ada.awareness.setLocalStateField('selection', 'small')
  await eventually(() => bob.awareness.getStates().get(ada.doc.clientID)?.selection === 'small')
  expect(ada.errors.map(({ code, status }) => [code, status])).toEqual([
    ['awareness_too_large', 413],
  ])
  await eventually(() => ada.provider.status === 'connected')
})

test('a state that JSON cannot express is reported once, and edits and the next state are still sent', async () => {
  const doc = new Y.Doc()
  const awareness = new Awareness(doc)
  awareness.setLocalStateField('user', { id: 12n })
  const ada = openClient({ url: setup.server.url, docId: setup.docId, doc, awareness })
  const bob = open('Bob')
  ada.type('typed')
  await ada.provider.whenSaved()
  await eventually(() => bob.text.toString() === 'typed')
  expect(ada.errors.map(({ code }) => code)).toEqual(['invalid_presence'])
  expect(bob.names()).toEqual(['Bob'])
  awareness.setLocalStateField('user', { name: 'Ada' })
  await eventually(() => expect(bob.names()).toEqual(['Ada', 'Bob']))

  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  awareness.setLocalStateField('user', cycle)
  ada.type(' on')
  await ada.provider.whenSaved()
  await eventually(() => bob.text.toString() === 'typed on')
  expect(bob.names()).toEqual(['Ada', 'Bob'])
  expect(ada.errors.map(({ code }) => code)).toEqual(['invalid_presence', 'invalid_presence'])
  awareness.setLocalStateField('user', { name: 'Eve' })
  await eventually(() => expect(bob.names()).toEqual(['Bob', 'Eve']))
  await ada.close()
  await eventually(() => expect(bob.names()).toEqual(['Bob']))
})

test('failing presence writes neither end nor delay other requests', async () => {
  let fails = true
  const ada = open('Ada', {
    onPresence: async (call, pass) => {
      if (call.method === 'PUT' && fails) throw new TypeError('no network')
      return pass()
    },
  })
  const bob = open('Bob')
  await ada.provider.whenSynced()
  ada.type('typed')
  await ada.provider.whenSaved()
  await eventually(() => ada.provider.status === 'connected')
  await eventually(() => bob.text.toString() === 'typed')
  expect(bob.names()).toEqual(['Bob'])
  fails = false
  await seeEachOther(ada, bob)
  expect(ada.errors).toEqual([])
})

test('a write that never gets an answer delays only the writes after it', async () => {
  const bob = open('Bob')
  const ada = open('Ada', {
    onPresence: (call, pass) => (call.method === 'PUT' ? new Promise(() => {}) : pass()),
  })
  await ada.provider.whenSynced()
  ada.type('typed')
  await ada.provider.whenSaved()
  await eventually(() => ada.names().includes('Bob'))
  expect(bob.names()).toEqual(['Bob'])
  await ada.provider.destroy()
})

test('a leave that reaches the server late does not hide a client that came back', async () => {
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const bob = open('Bob')
  const ada = open('Ada', {
    onPresence: async ({ method }, pass) => {
      if (method === 'DELETE') await held
      return pass()
    },
  })
  await seeEachOther(ada, bob)
  ada.provider.disconnect()
  ada.provider.connect()
  await eventually(() => ada.provider.status === 'connected' && ada.puts().length >= 2)
  letGo()
  await seeEachOther(ada, bob)
  expect(ada.awareness.getLocalState()?.user.name).toBe('Ada')
})
