// Presence on every backend: sent at once, and never part of the document.
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { awarenessPath, clientAwarenessPath } from 'y-electric/protocol'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { createGate } from '../e2e/gate.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { openPerson, type Person, type PersonOptions, seeEachOther } from './people.ts'

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  let server: TestServer
  let people: Person[] = []

  beforeAll(async () => {
    server = await serveApp({ backend: backend.current })
    return () => server.close()
  })
  afterEach(async () => {
    for (const person of people) {
      await person.close()
      person.awareness.destroy()
    }
    people = []
  })

  const open = (personName: string, docId: string, options: Partial<PersonOptions> = {}) => {
    const person = openPerson({ url: server.url, docId, name: personName, ...options })
    people.push(person)
    return person
  }
  const rows = async (docId: string) => {
    const { rows: found } = await server.pool.query<{ client_id: string; writes: string }>(
      'SELECT client_id, xmin::text AS writes FROM ydoc_awareness WHERE doc_id = $1',
      [docId],
    )
    return found
  }

  test('a joiner sees everyone at once, and everyone sees the joiner', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open('Ada', docId), open('Bob', docId)]
    await seeEachOther(ada, bob)
    ada.move(1)
    bob.move(2)
    const carol = open('Carol', docId)
    await seeEachOther(ada, bob, carol)
    await eventually(() =>
      expect(carol.awareness.getStates().get(ada.doc.clientID)).toEqual({
        user: { name: 'Ada', color: '#30bced' },
        cursor: 1,
      }),
    )
  })

  test('the latest cursor position wins, and few earlier ones are written', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open('Ada', docId), open('Bob', docId)]
    await seeEachOther(ada, bob)
    const before = ada.puts().length
    for (let cursor = 1; cursor <= 200; cursor++) {
      ada.move(cursor)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await eventually(() => bob.awareness.getStates().get(ada.doc.clientID)?.cursor === 200)
    expect(ada.puts().length - before).toBeLessThan(50)
  })

  test('a leave by destroy or disconnect is sent at once, and names are kept', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open('Ada', docId), open('Bob', docId)]
    await seeEachOther(ada, bob)
    bob.provider.disconnect()
    await eventually(() => expect(ada.names()).toEqual(['Ada']))
    expect(bob.names()).toEqual(['Bob'])
    expect(bob.awareness.getLocalState()).toEqual({ user: { name: 'Bob', color: '#30bced' } })
    bob.provider.connect()
    await seeEachOther(ada, bob)
    await bob.provider.destroy()
    await eventually(() => expect(ada.names()).toEqual(['Ada']))
    expect(bob.awareness.getLocalState()).toEqual({ user: { name: 'Bob', color: '#30bced' } })
    expect(
      bob.calls.filter(({ method }) => method === 'DELETE').every((one) => one.keepalive),
    ).toBe(true)
    await eventually(async () => expect(await rows(docId)).toHaveLength(1))
  })

  test('a client that leaves between two streams of another client is no longer shown', async () => {
    const docId = freshDocId()
    const gate = createGate()
    let isHeld = false
    let letGo = () => {}
    const begun = new Promise<void>((resolve) => {
      letGo = resolve
    })
    let isWaiting = false
    const ada = open('Ada', docId, {
      fetch: gate.fetch,
      onPresence: async ({ method, url }, pass) => {
        if (isHeld && method === 'GET' && url.pathname.endsWith('/awareness')) {
          isWaiting = true
          await begun
        }
        return pass()
      },
    })
    const [bob, carol] = [open('Bob', docId), open('Carol', docId)]
    await seeEachOther(ada, bob, carol)
    isHeld = true
    gate.cut('reset')
    await eventually(() => isWaiting)
    await bob.close()
    await eventually(async () => expect(await rows(docId)).toHaveLength(2))
    expect(ada.names()).toEqual(['Ada', 'Bob', 'Carol'])
    letGo()
    await eventually(() => expect(ada.names()).toEqual(['Ada', 'Carol']), 15_000)
  })

  test('after disconnecting and connecting repeatedly, all clients are shown', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open('Ada', docId), open('Bob', docId)]
    await seeEachOther(ada, bob)
    for (let i = 0; i < 10; i++) {
      bob.provider.disconnect()
      bob.provider.connect()
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await seeEachOther(ada, bob)
    expect(bob.awareness.getLocalState()).toEqual({ user: { name: 'Bob', color: '#30bced' } })
  })

  test('a client that hides its presence disappears, and is visible again after it shows it', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open('Ada', docId), open('Bob', docId)]
    await seeEachOther(ada, bob)
    const state = bob.awareness.getLocalState()
    bob.awareness.setLocalState(null)
    await eventually(() => expect(ada.names()).toEqual(['Ada']))
    bob.awareness.setLocalState(state)
    await seeEachOther(ada, bob)
  })

  test('the row of a client that is present is restored if another client deletes it', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open('Ada', docId), open('Bob', docId)]
    await seeEachOther(ada, bob)
    await server.pool.query('DELETE FROM ydoc_awareness WHERE doc_id = $1', [docId])
    await eventually(async () => expect(await rows(docId)).toHaveLength(2))
    await seeEachOther(ada, bob)
    expect(bob.awareness.getLocalState()).toEqual({ user: { name: 'Bob', color: '#30bced' } })
  })

  test('the shape, the state and the table of the document never contain presence', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open('Ada', docId), open('Bob', docId)]
    await seeEachOther(ada, bob)
    let updates = 0
    bob.doc.on('update', () => {
      updates += 1
    })
    for (let i = 0; i < 20; i++) ada.move(i)
    await eventually(() => bob.awareness.getStates().get(ada.doc.clientID)?.cursor === 19)
    expect(updates).toBe(0)
    const { rows: found } = await server.pool.query('SELECT 1 FROM ydoc_update WHERE doc_id = $1', [
      docId,
    ])
    expect(found).toEqual([])
  })

  test('a row must be an awareness update of exactly the client in its path', async () => {
    const docId = freshDocId()
    const awareness = new Awareness(new Y.Doc())
    const own = awareness.clientID
    awareness.setLocalState({ name: 'Mallory' })
    const update = encodeAwarenessUpdate(awareness, [own])
    const put = async (clientId: number | string, body: Uint8Array, type?: string) => {
      const path = clientAwarenessPath(docId, 0).replace(/0$/, String(clientId))
      const response = await fetch(server.url + path, {
        method: 'PUT',
        body: new Uint8Array(body),
        headers: { 'content-type': type ?? 'application/octet-stream' },
      })
      const error: unknown = response.ok ? null : await response.json()
      return [response.status, (error as { error?: { code: string } } | null)?.error?.code]
    }
    expect(await put(own + 1, update)).toEqual([400, 'invalid_awareness'])
    expect(await put(own, new Uint8Array([1, 2, 3]))).toEqual([400, 'invalid_awareness'])
    expect(await put(own, new Uint8Array())).toEqual([400, 'invalid_awareness'])
    expect(await put(own, update, 'text/plain')).toEqual([415, 'unsupported_media_type'])
    for (const odd of ['-1', '4294967296', 'me', '1e3', '0x1']) {
      expect(await put(odd, update)).toEqual([400, 'invalid_request'])
    }
    awareness.setLocalState({ name: 'x'.repeat(20_000) })
    expect(await put(own, encodeAwarenessUpdate(awareness, [own]))).toEqual([
      413,
      'awareness_too_large',
    ])
    expect(await rows(docId)).toEqual([])
    expect(await put(own, update)).toEqual([204, undefined])
    expect(await rows(docId)).toHaveLength(1)
    awareness.destroy()
  })

  test('the next client that arrives deletes rows of clients that left long ago', async () => {
    const docId = freshDocId()
    const [ada] = [open('Ada', docId)]
    await eventually(async () => expect(await rows(docId)).toHaveLength(1))
    await server.pool.query(
      `INSERT INTO ydoc_awareness (doc_id, client_id, data, updated_at)
       VALUES ($1, 7, '\\x00', now() - interval '6 minutes'), ($1, 8, '\\x00', now())`,
      [docId],
    )
    const bob = open('Bob', docId)
    await seeEachOther(ada, bob)
    await eventually(async () => {
      const ids = (await rows(docId)).map(({ client_id }) => Number(client_id))
      expect(ids.sort()).toEqual([8, ada.doc.clientID, bob.doc.clientID].sort())
    })
  })

  test('impossible rows hide no client', async () => {
    const docId = freshDocId()
    const ada = open('Ada', docId)
    await eventually(async () => expect(await rows(docId)).toHaveLength(1))
    const absurd = async () => {
      for (const [id, time] of [
        ['4611686018427387904', 'now()'],
        ['4294967296', 'now()'],
        ['-5', 'now()'],
        ['9', `'-infinity'`],
        ['10', `'infinity'`],
        [String(ada.doc.clientID + 1), 'now()'],
      ]) {
        // These rows contain the state of Ada, or no state.
        await server.pool.query(
          `INSERT INTO ydoc_awareness (doc_id, client_id, data, updated_at)
           SELECT $1, ${id}, data, ${time} FROM ydoc_awareness WHERE doc_id = $1 AND client_id = $2
           ON CONFLICT DO NOTHING`,
          [docId, ada.doc.clientID],
        )
      }
    }
    await absurd()
    const bob = open('Bob', docId)
    await seeEachOther(ada, bob)
    // The same rows are written again while streams are live.
    await absurd()
    bob.move(1)
    await eventually(() => ada.awareness.getStates().get(bob.doc.clientID)?.cursor === 1)
    expect(ada.awareness.getStates().size).toBe(2)
    expect(bob.awareness.getStates().size).toBe(2)
    expect(server.errors).toEqual([])
  })

  test('a client cannot choose the table or the document of the shape', async () => {
    const docId = freshDocId()
    const ada = open('Ada', docId)
    await eventually(async () => expect(await rows(docId)).toHaveLength(1))
    const query = 'offset=-1&table=ydoc_update&where=true&columns=seq&params[1]=other'
    const response = await fetch(`${server.url}${awarenessPath(docId)}?${query}`)
    const found = (await response.json()) as { value?: Record<string, string> }[]
    const values = found.flatMap(({ value }) => (value ? [value] : []))
    expect(values.map((value) => [value.doc_id, Number(value.client_id)])).toEqual([
      [docId, ada.doc.clientID],
    ])
    expect(Object.keys(values[0] ?? {}).sort()).toEqual(['client_id', 'data', 'doc_id'])
  })
})
