// Electric's published npm client, over real HTTP, against the embedded shape service.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { type Message, Shape, ShapeStream, type ShapeStreamOptions } from '@electric-sql/client'
import { serve } from '@hono/node-server'
import {
  createShapeService,
  type ShapeService,
  type ShapeServiceOptions,
} from '@y-electric/embedded'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { documentBackends } from '../harness/database.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'

describe.each(documentBackends)('on %s', (backend) => {
  const shared = useTestDatabase(backend)
  let table: string
  let service: ShapeService
  let server: Server
  let url: string
  let stop: AbortController

  async function start(limits: Partial<ShapeServiceOptions> = {}): Promise<void> {
    await service?.close()
    service = await createShapeService({ database: shared.database, ...limits })
  }

  beforeEach(async () => {
    stop = new AbortController()
    table = `items_${randomBytes(6).toString('hex')}`
    await sql(`CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      doc text NOT NULL, data bytea NOT NULL, note text)`)
    await start()
    server = serve({ fetch: (request) => service.fetch(request), port: 0 }) as Server
    if (!server.listening) await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/shape`
  })
  afterEach(async () => {
    stop.abort()
    await service.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await sql(`DROP TABLE ${table}`)
  })

  const sql = (text: string, values: unknown[] = []) => shared.database.pool.query(text, values)
  const insert = (doc: string, data: Uint8Array, note: string | null = null) =>
    sql(`INSERT INTO ${table} (doc, data, note) VALUES ($1, $2, $3)`, [doc, data, note])

  const open = (options: Partial<ShapeStreamOptions> = {}) =>
    new ShapeStream({
      url,
      params: { table, where: 'doc = $1', params: ['a'] },
      signal: stop.signal,
      ...options,
    })

  const follow = (options: Partial<ShapeStreamOptions>) =>
    // The types of the client do not accept each other under exactOptionalPropertyTypes.
    new Shape(open(options) as unknown as ConstructorParameters<typeof Shape>[0])

  /** Collects the changes of a stream. */
  function collect(stream: ShapeStream): Message[] {
    const messages: Message[] = []
    stream.subscribe((batch) => {
      messages.push(...batch.filter((message) => 'key' in message))
    })
    return messages
  }

  const notesOf = (messages: readonly Message[]) =>
    messages.flatMap((message) => ('value' in message ? [message.value.note] : []))

  describe.each([true, false])('liveSse: %s', (liveSse) => {
    test('a Shape follows inserts, updates and deletes', async () => {
      await insert('a', Buffer.from([1, 2]), 'one')
      await insert('b', Buffer.from([3]), 'other')
      const shape = follow({ liveSse })
      const notes = async () => (await shape.rows).map(({ note }) => note)
      expect(await notes()).toEqual(['one'])
      await insert('a', Buffer.from([4]), 'two')
      await eventually(async () => expect(await notes()).toEqual(['one', 'two']))
      await sql(`UPDATE ${table} SET note = 'changed' WHERE note = 'one'`)
      await eventually(async () => expect(await notes()).toEqual(['changed', 'two']))
      await sql(`UPDATE ${table} SET doc = 'b' WHERE note = 'two'`)
      await sql(`UPDATE ${table} SET doc = 'a' WHERE note = 'other'`)
      await eventually(async () => expect(await notes()).toEqual(['changed', 'other']))
      await sql(`DELETE FROM ${table} WHERE note = 'changed'`)
      await eventually(async () => expect(await notes()).toEqual(['other']))
    })

    test('a row of 300 KB and a row of a long text arrive complete', async () => {
      const messages = collect(open({ liveSse }))
      await insert('a', Buffer.from('first'), 'first')
      await eventually(() => expect(notesOf(messages)).toEqual(['first']))
      const bytes = randomBytes(300_000)
      const text = `“ü”\\"(,)\n${'語🙂'.repeat(50_000)}`
      await insert('a', bytes, text)
      await eventually(() => expect(messages).toHaveLength(2))
      const row = messages[1]
      if (row === undefined || !('value' in row)) throw new Error('no row')
      expect(row.value.note).toBe(text)
      expect(row.value.data).toBe(`\\x${bytes.toString('hex')}`)
    })

    test('after the service restarts the reader refetches and continues', async () => {
      await insert('a', Buffer.from([1]), 'before')
      const shape = follow({ liveSse })
      await shape.rows
      await start()
      await insert('a', Buffer.from([2]), 'after')
      await eventually(async () =>
        expect((await shape.rows).map(({ note }) => note)).toEqual(['before', 'after']),
      )
    })

    test('truncate empties the shape', async () => {
      await insert('a', Buffer.from([1]), 'gone')
      const shape = follow({ liveSse })
      expect(await shape.rows).toHaveLength(1)
      await sql(`TRUNCATE ${table}`)
      await insert('a', Buffer.from([1]), 'new')
      await eventually(async () =>
        expect((await shape.rows).map(({ note }) => note)).toEqual(['new']),
      )
    })
  })

  test('a snapshot and a log of many chunks arrive complete and in order', async () => {
    await start({ chunkBytes: 2_000 })
    const numbers = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => String(from + i))
    const fillTable = (from: number, to: number) =>
      sql(
        `INSERT INTO ${table} (doc, data, note) SELECT 'a', '\\x00', n FROM generate_series($1::integer, $2) n`,
        [from, to],
      )
    await fillTable(1, 100)
    const first = collect(open())
    await eventually(() => expect(notesOf(first)).toEqual(numbers(1, 100)))
    await fillTable(101, 200)
    await eventually(() => expect(notesOf(first)).toEqual(numbers(1, 200)))
    const second = collect(open({ liveSse: true }))
    await eventually(() => expect(notesOf(second)).toEqual(numbers(1, 200)))
  })

  test('a stream that is cut continues at its offset, without duplicates', async () => {
    await start({ sseMs: 1_100 })
    const messages = collect(open({ liveSse: true }))
    const seen: string[] = []
    for (let i = 0; i < 30; i++) {
      seen.push(`${i}a`, `${i}b`)
      await sql(
        `INSERT INTO ${table} (doc, data, note) VALUES ('a', '\\x00', $1), ('a', '\\x00', $2)`,
        [`${i}a`, `${i}b`],
      )
      await eventually(() => expect(notesOf(messages).length).toBeGreaterThanOrEqual(seen.length))
    }
    expect(notesOf(messages)).toEqual(seen)
  })

  test('a reader that joins while rows are inserted stays on its stream', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    let writing = true
    let written = 0
    const writer = (async () => {
      while (writing) {
        await insert('a', Buffer.from([1]), String(written))
        written++
        // PGlite answers in microtasks, so the loop must yield to let other work run.
        await setImmediate()
      }
    })()
    const messages = collect(open({ liveSse: true }))
    await eventually(() => expect(messages.length).toBeGreaterThan(200))
    writing = false
    await writer
    const expected = Array.from({ length: written }, (_, i) => String(i))
    await eventually(() => expect(notesOf(messages)).toEqual(expected))
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  test.each(['GET', 'POST'] as const)(
    'requestSnapshot by %s works in changes_only mode',
    async (method) => {
      await insert('a', Buffer.from([1]), 'one')
      await insert('a', Buffer.from([2]), 'two')
      await insert('b', Buffer.from([3]), 'other')
      const stream = open({ log: 'changes_only', offset: 'now', subsetMethod: method })
      const messages = collect(stream)
      const { data } = await stream.requestSnapshot({ where: 'note = $1', params: { '1': 'two' } })
      expect(data.map(({ value }) => value.note)).toEqual(['two'])
      await insert('a', Buffer.from([4]), 'three')
      await eventually(() => expect(notesOf(messages)).toEqual(['two', 'three']))
      const page = await stream.fetchSnapshot({ orderBy: 'id DESC', limit: 2 })
      expect(page.data.map(({ value }) => value.note)).toEqual(['three', 'two'])
    },
  )

  test('an aborted stream delivers nothing more', async () => {
    const messages = collect(open({ liveSse: true }))
    await insert('a', Buffer.from([1]), 'first')
    await eventually(() => expect(notesOf(messages)).toEqual(['first']))
    // The stream is live only now. While it catches up, the client reads ahead with its own abort signals.
    await insert('a', Buffer.from([2]), 'heard')
    await eventually(() => expect(notesOf(messages)).toEqual(['first', 'heard']))
    stop.abort()
    await insert('a', Buffer.from([3]), 'unheard')
    const witness = collect(open({ signal: new AbortController().signal }))
    await eventually(() => expect(notesOf(witness)).toEqual(['first', 'heard', 'unheard']))
    expect(notesOf(messages)).toEqual(['first', 'heard'])
  })

  test('each of many concurrent shapes delivers its own rows', async () => {
    const docs = Array.from({ length: 40 }, (_, i) => `doc-${i}`)
    const readers = docs.map((doc) =>
      collect(open({ params: { table, where: 'doc = $1', params: [doc] } })),
    )
    for (const doc of docs) await insert(doc, Buffer.from([1]), doc)
    await eventually(() => expect(readers.map(notesOf)).toEqual(docs.map((doc) => [doc])))
  })
})
