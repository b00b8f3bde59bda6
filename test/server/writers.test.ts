// The server keeps who wrote under which Yjs client id, so that histories have names when the writers have left.
import { randomUUID } from 'node:crypto'
import { copyDocument } from '@y-electric/documents'
import { type Authorize, deleteDocument, readWriters, type WriterInfo } from '@y-electric/server'
import { expect, test } from 'vitest'
import { updatesPath, writersPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { type Api, type ApiOptions, createApi, createWriter } from '../compaction/api.ts'
import { openClient } from '../e2e/client.ts'
import { freshDocId, serveApp, useBackend } from '../e2e/server.ts'

const backend = useBackend()

/** Trusts two headers of the request, as an app trusts its session. */
const authorize: Authorize = ({ request: { headers } }) => {
  const [user, name] = [headers.get('x-user'), headers.get('x-name')]
  return user === null ? 'allow' : { user, name }
}

const open = (options: ApiOptions = {}) => createApi(backend.current, { authorize, ...options })

async function write(api: Api, docId: string, headers: Record<string, string>): Promise<number> {
  const { status, body } = await api.request(updatesPath(docId), {
    method: 'POST',
    body: new Uint8Array(createWriter().type('x')),
    headers: {
      'content-type': 'application/octet-stream',
      'idempotency-key': randomUUID(),
      ...headers,
    },
  })
  await body?.cancel()
  return status
}

async function writers(api: Api, docId: string): Promise<readonly WriterInfo[]> {
  const response = await api.request(writersPath(docId))
  expect(response.status).toBe(200)
  return ((await response.json()) as { writers: WriterInfo[] }).writers
}

const named = async (api: Api, docId: string) =>
  (await writers(api, docId)).map(({ clientId, name, user, trusted }) => [
    clientId,
    name,
    user,
    trusted,
  ])

const says = (client: number, name: string) => ({
  'y-electric-client': String(client),
  'y-electric-name': encodeURIComponent(name),
})

test('a name that the client says is kept and marked; one that authorize returns comes before it', async () => {
  const [api, docId] = [open(), freshDocId()]
  expect(await named(api, docId)).toEqual([])
  await write(api, docId, says(1, 'Zoë'))
  await write(api, docId, { ...says(2, 'Claimed'), 'x-user': 'bob@example.com' })
  await write(api, docId, { ...says(3, 'Eve'), 'x-user': 'ada', 'x-name': 'Ada Lovelace' })
  await write(api, docId, { 'y-electric-client': '4', 'x-user': 'ada' })
  // Nothing is known about these two.
  await write(api, docId, { 'y-electric-client': '5' })
  await write(api, docId, {})
  expect(await named(api, docId)).toEqual([
    [1, 'Zoë', null, false],
    [2, 'Claimed', 'bob@example.com', false],
    [3, 'Ada Lovelace', 'ada', true],
    [4, null, 'ada', false],
  ])
})

test('the edits of a restore are noted as those of the person who restores', async () => {
  const [api, docId] = [open(), freshDocId()]
  const append = (update: Uint8Array) =>
    api.request(updatesPath(docId), {
      method: 'POST',
      body: new Uint8Array(update),
      headers: { 'content-type': 'application/octet-stream', 'idempotency-key': randomUUID() },
    })
  const bob = createWriter()
  await append(bob.type('A ship passed.'))
  const kept = await api.request(`/docs/${docId}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'before' }),
  })
  const { seq } = (await kept.json()) as { seq: number }
  await append(bob.erase(0, 14))
  const restored = await api.request(`/docs/${docId}/snapshots/${seq}/restore`, {
    method: 'POST',
    headers: { 'y-electric-name': encodeURIComponent('Zoë') },
  })
  expect(restored.status).toBe(201)
  const update = await api.request(`/docs/${docId}?format=update`)
  const shown = new Y.Doc()
  Y.applyUpdate(shown, new Uint8Array(await update.arrayBuffer()))
  const [client] = [...shown.store.clients.keys()].filter((id) => id !== bob.doc.clientID)
  expect(shown.getText('text').toString()).toBe('A ship passed.')
  expect(await named(api, docId)).toEqual([[client, 'Zoë', null, false]])
})

test('a client keeps its user: another one, or a client without a user, changes nothing', async () => {
  const [api, docId] = [open(), freshDocId()]
  const ada = { 'x-user': 'ada' }
  await write(api, docId, { ...says(1, 'Ada'), ...ada })
  await write(api, docId, says(2, 'Nobody'))
  await write(api, docId, { ...says(1, 'Eve'), 'x-user': 'eve' })
  await write(api, docId, says(1, 'Eve'))
  await write(api, docId, { ...says(2, 'Eve'), 'x-user': 'eve' })
  expect(await named(api, docId)).toEqual([
    [1, 'Ada', 'ada', false],
    [2, 'Nobody', null, false],
  ])
  await write(api, docId, { ...says(1, 'Ada L.'), ...ada })
  await write(api, docId, { 'y-electric-client': '1', ...ada })
  expect(await named(api, docId)).toEqual([
    [1, 'Ada L.', 'ada', false],
    [2, 'Nobody', null, false],
  ])
})

test('a full document forgets the oldest client of the user with the most, and nobody else’s', async () => {
  const [api, docId] = [open({ maxDocumentWriters: 4 }), freshDocId()]
  await write(api, docId, { ...says(1, 'Ada'), 'x-user': 'ada' })
  for (const client of [2, 3, 4, 5, 6, 7]) {
    await write(api, docId, { ...says(client, `Eve ${client}`), 'x-user': 'eve' })
  }
  expect((await writers(api, docId)).map(({ name }) => name)).toEqual([
    'Ada',
    'Eve 5',
    'Eve 6',
    'Eve 7',
  ])
})

test('a refused name is an error with a code, and stores neither the name nor the edit', async () => {
  const [api, docId] = [open(), freshDocId()]
  const bad = ['%', '%ff', '%00', '%ED%A0%80', 'x'.repeat(201)]
  for (const name of bad) {
    expect(await write(api, docId, { 'y-electric-client': '1', 'y-electric-name': name })).toBe(400)
  }
  for (const client of ['-1', '4294967296', 'x', '1.5']) {
    expect(await write(api, docId, { 'y-electric-client': client })).toBe(400)
  }
  expect(await named(api, docId)).toEqual([])
  expect((await api.state(docId)).rows).toEqual([])
})

test('names go with a copy, and are deleted with their document', async () => {
  const [api, docId, copy] = [open(), freshDocId(), freshDocId()]
  await write(api, docId, { ...says(1, 'Ada'), 'x-user': 'ada' })
  await copyDocument(api.pool, docId, copy)
  expect(await writers(api, copy)).toEqual(await writers(api, docId))
  expect((await deleteDocument(api.pool, docId)).removed.ydoc_writer).toBe(1)
  expect((await api.request(writersPath(docId))).status).toBe(410)
  expect(await named(api, copy)).toEqual([[1, 'Ada', 'ada', false]])
})

test('a provider says its name with the first edit, and again only when it changes', async () => {
  const server = await serveApp({ backend: backend.current })
  const said: (string | null)[] = []
  const client = openClient({
    url: server.url,
    docId: freshDocId(),
    fetch: (input, init) => {
      if (String(input).includes('/updates')) {
        said.push(new Headers(init?.headers).get('y-electric-name'))
      }
      return fetch(input, init)
    },
  })
  const { provider, doc } = client
  const type = async (words: string) => {
    client.type(words)
    await provider.whenSaved()
  }
  await type('a')
  provider.awareness.setLocalStateField('user', { name: 'Ada' })
  await type('b')
  await type('c')
  provider.awareness.setLocalStateField('user', { name: 'Ada L.' })
  await type('d')
  expect(said).toEqual([null, 'Ada', null, 'Ada%20L.'])
  expect(await readWriters(server.pool, provider.docId)).toMatchObject([
    { clientId: doc.clientID, name: 'Ada L.', user: null, trusted: false },
  ])
  await client.close()
  await server.close()
})
