// The server follows each shape once, whatever the number of readers.
import http from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { segmentPath } from 'y-electric/protocol'
import { eventually } from '../e2e/eventually.ts'
import {
  freshDocId,
  readUpdateRows,
  type ServeOptions,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { postUpdate, someUpdate } from './api.ts'
import { type CountedShapes, countShapes } from './countedShapes.ts'

const backend = useBackend()
let shapes: CountedShapes
let server: TestServer
let docId: string
let readers: Reader[]

const start = async (options: Partial<ServeOptions> = {}): Promise<void> => {
  server = await serveApp({
    backend: { pool: backend.current.pool, shapes: shapes.source },
    ...options,
  })
}
beforeEach(async () => {
  shapes = await countShapes((request) => backend.current.shapes.fetch?.(request) as never)
  docId = freshDocId()
  readers = []
})
afterEach(async () => {
  for (const reader of readers) reader.leave()
  await server.close()
  await shapes.close()
})

interface Place {
  readonly offset: string
  readonly handle: string
}

interface Reader {
  /** The rows that it got, and where it continues. */
  readonly seqs: number[]
  readonly status: number
  readonly headers: Headers
  readonly isOver: boolean
  place: Place
  leave(): void
}

const place = async (): Promise<Place> => {
  const response = await fetch(`${server.url}${segmentPath(docId, 0)}?offset=-1`)
  await response.arrayBuffer()
  return {
    offset: response.headers.get('electric-offset') ?? '',
    handle: response.headers.get('electric-handle') ?? '',
  }
}

const streamPath = (from: Place): string =>
  `${segmentPath(docId, 0)}?${new URLSearchParams({ ...from, live: 'true', live_sse: 'true' })}`

/** @param body of the answer, whose events are of one stream */
async function collect(body: ReadableStream<Uint8Array> | null, reader: Reader): Promise<void> {
  let rest = ''
  let unfinished: number[] = []
  for await (const chunk of (body as ReadableStream<Uint8Array>).pipeThrough(
    new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
  ) as unknown as AsyncIterable<string>) {
    const events = (rest + chunk).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const [, data] = /^data: (.*)$/m.exec(event) ?? []
      if (data === undefined || !data.includes('"headers"')) continue
      const { value, headers } = JSON.parse(data)
      if (value?.seq !== undefined) unfinished.push(Number(value.seq))
      if (headers.control !== 'up-to-date') continue
      // Rows that no up-to-date message follows are read again.
      reader.seqs.push(...unfinished)
      unfinished = []
      reader.place = { ...reader.place, offset: `${headers.global_last_seen_lsn}_0` }
    }
  }
}

async function read(from: Place, way: 'shape' | 'joint' = 'shape'): Promise<Reader> {
  const aborter = new AbortController()
  const { signal } = aborter
  const response = await (way === 'shape'
    ? fetch(server.url + streamPath(from), { signal })
    : fetch(`${server.url}/live`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ streams: [streamPath(from)] }),
        signal,
      }))
  let isOver = false
  const { status, headers } = response
  const reader = {
    seqs: [],
    status,
    headers,
    get isOver() {
      return isOver
    },
    place: from,
    leave: () => aborter.abort(),
  }
  readers.push(reader)
  if (status !== 200) await response.arrayBuffer()
  else {
    void collect(response.body, reader)
      .catch(() => {})
      .finally(() => {
        isOver = true
      })
  }
  return reader
}

const write = async (count = 1): Promise<void> => {
  for (let i = 0; i < count; i++) expect((await postUpdate(server, docId)).status).toBe(201)
}
const stored = async (): Promise<number[]> =>
  (await readUpdateRows(server.pool, docId)).map(({ seq }) => seq)
const liveRequests = (): number => shapes.requests.filter((query) => query.has('live')).length

describe('streams', () => {
  test('40 readers, half of them of joint streams, cost one request, and each gets every row once', async () => {
    await start()
    await write()
    const from = await place()
    const seen = await stored()
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => read(from, i % 2 === 0 ? 'shape' : 'joint')),
    )
    await eventually(() => shapes.open === 1)
    await write(5)
    const expected = (await stored()).slice(seen.length)
    await eventually(() => {
      for (const { seqs } of readers) expect(seqs).toEqual(expected)
    })
    expect(liveRequests()).toBe(1)
  })

  test('nothing is requested any more when the last reader has left', async () => {
    await start()
    const from = await place()
    await Promise.all([read(from), read(from, 'joint'), read(from)])
    await eventually(() => shapes.open === 1)
    readers[0]?.leave()
    readers[1]?.leave()
    await write()
    await eventually(() => expect(readers[2]?.seqs).toHaveLength(1))
    expect(shapes.open).toBe(1)
    readers[2]?.leave()
    await eventually(() => shapes.open === 0)
  })

  test('a reader gets the headers that the shape service sends to a reader at its offset', async () => {
    await start()
    const from = await place()
    const first = await read(from)
    await write(2)
    await eventually(() => expect(first.seqs).toHaveLength(2))
    const second = await read(first.place)
    const own = await fetch(
      `${shapes.source.url}/v1/shape?${new URLSearchParams([
        ...[...(shapes.requests.at(-1) ?? [])].filter(([name]) => name !== 'offset'),
        ['offset', first.place.offset],
      ])}`,
    )
    await own.body?.cancel()
    for (const name of ['electric-offset', 'electric-handle', 'etag', 'electric-up-to-date']) {
      expect(second.headers.get(name), name).toBe(own.headers.get(name))
    }
    expect(second.headers.get('content-type')).toBe(own.headers.get('content-type'))
    await write()
    await eventually(() => expect(second.seqs).toHaveLength(1))
  })

  test('a stream that the shape service ends goes on for its readers', async () => {
    await start()
    const from = await place()
    const all = await Promise.all(Array.from({ length: 10 }, () => read(from)))
    for (let i = 0; i < 3; i++) {
      await write(2)
      await eventually(() => {
        for (const { seqs } of all) expect(seqs).toHaveLength((i + 1) * 2)
      })
      shapes.endStreams()
      await eventually(() => shapes.open === 1)
    }
    expect(liveRequests()).toBe(4)
    expect(all.map(({ isOver }) => isOver)).toEqual(all.map(() => false))
    expect(all[0]?.seqs).toEqual(await stored())
  })

  test('a shape service that ends each stream after a batch, as Electric does behind the log, loses nothing', async () => {
    await start()
    shapes.endsAfterBatch = true
    const from = await place()
    await write(3)
    await Promise.all([read(from), read(from, 'joint'), read(from)])
    await write(6)
    const expected = await stored()
    await eventually(() => {
      for (const { seqs } of readers) expect(seqs).toEqual(expected)
    })
    expect(readers.map(({ isOver }) => isOver)).toEqual([false, false, false])
  })

  test('a reader that is behind the log catches up by a request of its own, which then ends', async () => {
    await start({ maxUnreadBytes: 2_000 })
    const from = await place()
    const early = await read(from)
    await write(20)
    await eventually(() => expect(early.seqs).toHaveLength(20))
    const late = await read(from)
    await eventually(() => expect(late.seqs).toEqual(early.seqs))
    expect(liveRequests()).toBe(2)
    await write()
    await eventually(() => {
      expect(late.seqs).toHaveLength(21)
      expect(early.seqs).toHaveLength(21)
    })
    await eventually(() => shapes.open === 1)
  })

  test('a shape that is dropped ends its readers, and they start over', async () => {
    await start()
    const from = await place()
    const all = await Promise.all(Array.from({ length: 10 }, () => read(from)))
    await write()
    await eventually(() => {
      for (const { seqs } of all) expect(seqs).toHaveLength(1)
    })
    await backend.current.dropShape(docId, 0)
    await eventually(() => all.every(({ isOver }) => isOver))
    const before = liveRequests()
    const again = await Promise.all(all.map((reader) => read(reader.place)))
    expect(again.map(({ status }) => status)).toEqual(all.map(() => 409))
    expect(liveRequests() - before).toBe(1)
    await eventually(() => shapes.open === 0)
  })

  test('readers end when the shape service does not answer any more, and are told so', async () => {
    await start()
    const from = await place()
    const all = await Promise.all([read(from), read(from)])
    await write()
    await eventually(() => expect(all[1]?.seqs).toHaveLength(1))
    shapes.refuse = () => Response.json({ message: 'no' }, { status: 503 })
    shapes.endStreams()
    await eventually(() => all.every(({ isOver }) => isOver))
    expect((await read(from)).status).toBe(503)
    shapes.refuse = null
    expect((await read(from)).status).toBe(200)
  })
})

describe('a reader that does not read', () => {
  /** Takes the headers of the answer and reads nothing more. */
  const stuck = (from: Place): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = http.get(server.url + streamPath(from), { agent: false }, (response) => {
        response.pause()
        readers.push({ leave: () => void request.destroy() } as unknown as Reader)
        resolve(response)
      })
      request.on('error', reject)
    })
  /** A reader that continues whenever its stream ends, as a client does. */
  const persistent = async (from: Place): Promise<{ seqs(): number[] }> => {
    const parts = [await read(from)]
    let isAsking = false
    const end = setInterval(async () => {
      const last = parts.at(-1)
      if (isAsking || last?.isOver !== true) return
      isAsking = true
      const next = await read(last.place).catch(() => null)
      if (next?.status === 200) parts.push(next)
      isAsking = false
    }, 10)
    readers.push({ leave: () => clearInterval(end) } as unknown as Reader)
    return { seqs: () => parts.flatMap(({ seqs }) => seqs) }
  }
  /** Too much for the buffers of the sockets together. */
  const large = { count: 14, bytes: 400_000 }
  const writeLarge = async (): Promise<void> => {
    for (let i = 0; i < large.count; i++) {
      const body = someUpdate('x'.repeat(large.bytes)) as BodyInit
      expect((await postUpdate(server, docId, { body })).status).toBe(201)
    }
  }

  test('is ended after a whole batch and continues from there, and the others get all at once', async () => {
    await start({ maxUnreadBytes: 1_000_000 })
    const from = await place()
    const slow = await stuck(from)
    const fast = await persistent(from)
    await eventually(() => shapes.open === 1)
    await writeLarge()
    await eventually(() => expect(fast.seqs()).toHaveLength(large.count))
    const reader = { seqs: [] as number[], place: from } as unknown as Reader
    slow.resume()
    await collect(Readable.toWeb(slow) as ReadableStream<Uint8Array>, reader).catch(() => {})
    expect(reader.seqs.length).toBeGreaterThan(0)
    expect(reader.seqs.length).toBeLessThan(large.count)
    const rest = await read(reader.place)
    await eventually(() => expect([...reader.seqs, ...rest.seqs]).toEqual(fast.seqs()))
  })

  test('alone, gets everything however slow it is', async () => {
    await start({ maxUnreadBytes: 1_000_000 })
    const slow = await stuck(await place())
    await eventually(() => shapes.open === 1)
    await writeLarge()
    const reader = { seqs: [] as number[], place: {} } as unknown as Reader
    slow.resume()
    void collect(Readable.toWeb(slow) as ReadableStream<Uint8Array>, reader).catch(() => {})
    await eventually(async () => expect(reader.seqs).toEqual(await stored()))
  })
})

describe('long polls', () => {
  test('of 30 readers cost a few requests for each row, and each gets every row once', async () => {
    await start()
    await write()
    const from = await place()
    const rounds = 5
    const progress: number[][] = []
    const poll = async (): Promise<number[]> => {
      const seqs: number[] = []
      progress.push(seqs)
      let { offset, handle } = from
      let cursor: string | null = null
      while (seqs.length < rounds) {
        const query: URLSearchParams = new URLSearchParams({
          offset,
          handle,
          live: 'true',
          ...(cursor === null ? {} : { cursor }),
        })
        const response: Response = await fetch(`${server.url}${segmentPath(docId, 0)}?${query}`)
        expect(response.status).toBe(200)
        for (const { value } of await response.json()) if (value) seqs.push(Number(value.seq))
        offset = response.headers.get('electric-offset') ?? ''
        const next: string | null = response.headers.get('electric-cursor')
        expect(next).not.toBe(cursor)
        cursor = next
      }
      return seqs
    }
    const polls = Array.from({ length: 30 }, poll)
    for (let i = 0; i < rounds; i++) {
      await eventually(() => progress.every(({ length }) => length === i) && shapes.open === 1)
      await write()
    }
    const expected = (await stored()).slice(1)
    for (const seqs of await Promise.all(polls)) expect(seqs).toEqual(expected)
    // A reader that sends its next poll long after the row was there needs a request more.
    expect(liveRequests()).toBeLessThanOrEqual(rounds * 4)
    await eventually(() => shapes.open === 0)
  })

  test('one that leaves does not end those of others', async () => {
    await start()
    const from = await place()
    const url = `${server.url}${segmentPath(docId, 0)}?${new URLSearchParams({ ...from, live: 'true' })}`
    const aborter = new AbortController()
    // Both wait before one leaves: a third connection makes its request after theirs, and is answered.
    const stays = fetch(url)
    await eventually(() => shapes.open === 1)
    const left = fetch(url, { signal: aborter.signal })
    await new Promise((resolve) => setImmediate(resolve))
    await (await fetch(`${server.url}/health`)).text()
    aborter.abort()
    await expect(left).rejects.toThrow()
    await write()
    expect(await (await stays).text()).toContain('"operation":"insert"')
    expect(liveRequests()).toBe(1)
  })
})
