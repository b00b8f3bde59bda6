// Presence without an awareness of the app: the provider makes one when it is first read.
import { expect, test } from 'vitest'
import { ElectricProvider } from 'y-electric'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { usePeople } from '../presence/setup.ts'

const setup = usePeople()
const URL_OF_NOBODY = 'http://127.0.0.1:1/api'

/** A `fetch` that notes each request about presence. */
function presenceCalls() {
  const methods: string[] = []
  const send: typeof fetch = (input, init) => {
    if (String(input).includes('/awareness')) methods.push(init?.method ?? 'GET')
    return fetch(input, init)
  }
  return { fetch: send, methods }
}

const namesIn = ({ awareness }: { awareness: Awareness }): unknown[] =>
  [...awareness.getStates().values()].flatMap(({ user }) => (user ? [user.name] : [])).sort()

test('an app that never reads the awareness sends no presence and asks for none', async () => {
  const calls = presenceCalls()
  const { docId, server } = setup
  const quiet = openClient({ url: server.url, docId, fetch: calls.fetch })
  const ada = setup.open('Ada')
  quiet.type('a')
  await quiet.provider.whenSaved()
  await eventually(() => ada.text.toString() === 'a')
  expect(calls.methods).toEqual([])
  expect(ada.names()).toEqual(['Ada'])
  await quiet.close()
})

test('reading the awareness of a connected provider shares what the app sets next, in one write', async () => {
  const calls = presenceCalls()
  const { docId, server } = setup
  const ada = setup.open('Ada')
  const bob = openClient({ url: server.url, docId, fetch: calls.fetch })
  await eventually(() => bob.provider.status === 'connected')
  bob.provider.awareness.setLocalStateField('user', { name: 'Bob' })
  await eventually(() => expect(ada.names()).toEqual(['Ada', 'Bob']))
  await eventually(() => expect(namesIn(bob.provider)).toEqual(['Ada', 'Bob']))
  expect(calls.methods.filter((method) => method === 'PUT')).toEqual(['PUT'])

  bob.provider.disconnect()
  await eventually(() => expect(ada.names()).toEqual(['Ada']))
  bob.provider.connect()
  await eventually(() => expect(ada.names()).toEqual(['Ada', 'Bob']))
  await bob.close()
  await eventually(() => expect(ada.names()).toEqual(['Ada']))
})

test('the provider ends an awareness that it made, and leaves the one of the app alone', async () => {
  const [doc, ofApp] = [new Y.Doc(), new Y.Doc()]
  const made = new ElectricProvider({ url: URL_OF_NOBODY, docId: 'a', doc, connect: false })
  const awareness = new Awareness(ofApp)
  const given = new ElectricProvider({
    url: URL_OF_NOBODY,
    docId: 'a',
    doc: ofApp,
    awareness,
    connect: false,
  })
  expect(made.awareness).toBe(made.awareness)
  expect(given.awareness).toBe(awareness)
  const ended: string[] = []
  made.awareness.on('destroy', () => ended.push('made'))
  awareness.on('destroy', () => ended.push('given'))
  await Promise.all([made.destroy(), given.destroy()])
  expect(ended).toEqual(['made'])
  expect(made.awareness.getLocalState()).toBeNull()
  ofApp.destroy()
})

test('an awareness that is first read after the end of its provider is there, and shows nobody', async () => {
  const doc = new Y.Doc()
  const provider = new ElectricProvider({ url: URL_OF_NOBODY, docId: 'a', doc, connect: false })
  await provider.destroy()
  expect([...provider.awareness.getStates()]).toEqual([])
})

test('with the option null, there is no awareness', async () => {
  const doc = new Y.Doc()
  const options = { url: URL_OF_NOBODY, docId: 'a', doc, awareness: null, connect: false }
  const provider = new ElectricProvider(options)
  expect(provider.awareness).toBeNull()
  await provider.destroy()
})
