// The shape route speaks Electric's protocol, and serves only the rows of one segment of one document,
// whatever parameters the client sends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import {
  freshDocId,
  readUpdateRows,
  roll,
  type ServeOptions,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { expectError, postUpdate } from './api.ts'
import { createUpstream, emptyShape, type Upstream } from './upstream.ts'

const backend = useBackend()
let server: TestServer
beforeAll(async () => {
  server = await serveApp({ backend: backend.current })
})
afterAll(() => server.close())

const shapeUrl = (docId: string, query: string, segment = 0, at: TestServer = server) =>
  `${at.url}/docs/${encodeURIComponent(docId)}/segments/${segment}?${query}`

async function withUpstream(
  work: (upstream: Upstream, over: TestServer) => Promise<void>,
  options: Partial<ServeOptions> & { source?: Parameters<typeof createUpstream>[0] } = {},
): Promise<void> {
  const { source, ...rest } = options
  const upstream = createUpstream(source)
  const over = await serveApp({
    backend: { pool: backend.current.pool, shapes: upstream.source },
    ...rest,
  })
  try {
    await work(upstream, over)
  } finally {
    await over.close()
  }
}

describe('smuggling', () => {
  const other = freshDocId('secret')
  const attempts = [
    `table=ydoc_document`,
    `table=ydoc_snapshot&where=true`,
    `where=1%3D1`,
    `where=doc_id%3D%27${other}%27`,
    `where=doc_id%3D%241%20OR%20true`,
    `columns=seq,data,doc_id,batch_id,created_at`,
    `params[1]=${other}`,
    `params%5B1%5D=${other}`,
    `params[]=${other}`,
    `params=${encodeURIComponent(JSON.stringify([other, '0']))}`,
    `params=${encodeURIComponent(JSON.stringify({ 1: other }))}`,
    `PARAMS[1]=${other}`,
    `secret=guess`,
    `api_secret=guess`,
    `replica=full`,
    `source_id=another`,
    `subset__where=doc_id%3D%27${other}%27`,
    `subset__where=true&subset__limit=10`,
    `subset__params=%7B%221%22%3A%22${other}%22%7D`,
    `docId=${other}`,
    `doc_id=${other}`,
    `offset=-1&offset=0_0&table=pg_user&table=ydoc_document`,
    `experimental_compaction=true`,
    `database_id=x&force=1&update_mode=full`,
  ]

  test('does not reach upstream', async () => {
    await withUpstream(
      async (upstream, over) => {
        const docId = freshDocId()
        for (const attempt of attempts) {
          const response = await fetch(shapeUrl(docId, `offset=-1&${attempt}`, 0, over))
          expect(response.status).toBe(200)
          await response.body?.cancel()
          const { searchParams, pathname, origin } = new URL(upstream.requests.at(-1)?.url ?? '')
          expect(origin + pathname).toBe('http://electric.test:3000/base/v1/shape')
          expect([...searchParams].sort()).toEqual(
            [
              ['offset', '-1'],
              ['table', 'ydoc_update'],
              ['columns', 'seq,data'],
              ['where', 'doc_id = $1 AND segment = $2'],
              ['params[1]', docId],
              ['params[2]', '0'],
              ['secret', 'ours'],
              ['source_id', 'our-source'],
            ].sort(),
          )
        }
      },
      { source: { secret: 'ours', sourceId: 'our-source' } },
    )
  })

  test('only the rows of this segment of this document are returned', async () => {
    const docId = freshDocId()
    await postUpdate(server, other)
    await postUpdate(server, docId)
    await roll(server.pool, docId)
    await postUpdate(server, docId)
    const own = (await readUpdateRows(server.pool, docId)).filter(({ segment }) => segment === 0)
    for (const attempt of attempts) {
      const response = await fetch(shapeUrl(docId, `offset=-1&${attempt}`))
      expect(response.status).toBe(200)
      const messages = (await response.json()) as { value?: Record<string, unknown> }[]
      const values = messages.flatMap(({ value }) => (value === undefined ? [] : [value]))
      expect(values.map(({ seq }) => Number(seq))).toEqual(own.map(({ seq }) => seq))
      for (const value of values) expect(Object.keys(value).sort()).toEqual(['data', 'seq'])
    }
  })

  test('a handle of another document’s shape does not open it', async () => {
    await postUpdate(server, other)
    const first = await fetch(shapeUrl(other, 'offset=-1'))
    await first.body?.cancel()
    const handle = first.headers.get('electric-handle')
    const stolen = await fetch(shapeUrl(freshDocId(), `offset=0_0&handle=${handle}`))
    expect(stolen.status).toBe(409)
    const messages = (await stolen.json()) as { value?: unknown }[]
    expect(messages.some(({ value }) => value !== undefined)).toBe(false)
  })

  test('neither cookies nor credentials reach upstream', async () => {
    await withUpstream(async (upstream, over) => {
      const headers = {
        authorization: 'Bearer mine',
        cookie: 'session=mine',
        'x-api-key': 'mine',
        'x-forwarded-for': '1.2.3.4',
        'if-none-match': '"h-1:-1:0_0"',
      }
      await (await fetch(shapeUrl(freshDocId(), 'offset=-1', 0, over), { headers })).text()
      const sent = Object.fromEntries(upstream.requests[0]?.headers ?? [])
      expect(JSON.stringify(sent)).not.toMatch(/mine|1\.2\.3\.4/)
      expect(sent['if-none-match']).toBe('"h-1:-1:0_0"')
    })
  })

  test('the handle and offset of a client reach upstream', async () => {
    await withUpstream(async (upstream, over) => {
      const query =
        'offset=7_3&handle=h-1&live=true&cursor=55&log=changes_only&expired_handle=h-0&cache-buster=x'
      await (await fetch(shapeUrl(freshDocId(), query, 0, over))).text()
      const { searchParams } = new URL(upstream.requests[0]?.url ?? '')
      for (const [name, value] of new URLSearchParams(query)) {
        expect(searchParams.getAll(name)).toEqual([value])
      }
    })
  })
})

describe('segments', () => {
  test('an unopened segment is 404, a folded one is 410, and neither request reaches upstream', async () => {
    await withUpstream(async (upstream, over) => {
      const docId = freshDocId()
      await expectError(
        await fetch(shapeUrl(docId, 'offset=-1', 1, over)),
        404,
        'segment_not_opened',
      )
      await postUpdate(over, docId)
      await roll(over.pool, docId)
      await roll(over.pool, docId)
      await over.pool.query(
        `INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES ($1, 0, '\\x00')`,
        [docId],
      )
      await expectError(await fetch(shapeUrl(docId, 'offset=-1', 0, over)), 410, 'segment_folded')
      await expectError(
        await fetch(shapeUrl(docId, 'offset=-1', 3, over)),
        404,
        'segment_not_opened',
      )
      expect(upstream.requests).toEqual([])
      for (const segment of [1, 2]) {
        expect((await fetch(shapeUrl(docId, 'offset=-1', segment, over))).status).toBe(200)
      }
    })
  })

  test('HEAD has the headers of GET and no body', async () => {
    const url = shapeUrl(freshDocId(), 'offset=-1')
    const [head, get] = await Promise.all([fetch(url, { method: 'HEAD' }), fetch(url)])
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
    for (const name of ['electric-handle', 'electric-offset', 'electric-schema', 'etag']) {
      // Compressing the body makes a strong tag weak.
      const [one, other] = [head, get].map(({ headers }) => headers.get(name)?.replace(/^W\//, ''))
      expect(one).toBe(other)
    }
    await get.body?.cancel()
  })

  test('a 304 and a 400 of Electric are passed on unchanged', async () => {
    const docId = freshDocId()
    const first = await fetch(shapeUrl(docId, 'offset=-1'))
    await first.text()
    const etag = first.headers.get('etag') ?? ''
    const again = await fetch(shapeUrl(docId, 'offset=-1'), {
      headers: { 'if-none-match': etag },
      cache: 'no-store',
    })
    expect(again.status).toBe(304)
    const bad = await fetch(shapeUrl(docId, 'offset=nonsense'))
    expect(bad.status).toBe(400)
    expect(await bad.json()).toHaveProperty('errors')
  })
})

describe('caching', () => {
  test('answers are private and vary, unless a CDN may cache them', async () => {
    const cacheOf = async (over: TestServer) => {
      const { headers } = await fetch(shapeUrl(freshDocId(), 'offset=-1', 0, over))
      return { control: headers.get('cache-control') ?? '', vary: headers.get('vary') ?? '' }
    }
    await withUpstream(async (_upstream, over) => {
      const { control, vary } = await cacheOf(over)
      expect(control).toMatch(/^private, max-age=604800/)
      expect(control).not.toMatch(/public|s-maxage/)
      expect(vary.toLowerCase()).toMatch(/authorization.*cookie/)
    })
    await withUpstream(
      async (_upstream, over) => {
        const { control, vary } = await cacheOf(over)
        expect(control).toMatch(/^public, max-age=604800, s-maxage=3600/)
        expect(vary).not.toMatch(/authorization/i)
      },
      { publicCache: true },
    )
  })

  test('an answer without caching headers is private too', async () => {
    await withUpstream(async (upstream, over) => {
      upstream.next(() => {
        const response = emptyShape()
        response.headers.delete('cache-control')
        return response
      })
      const { headers } = await fetch(shapeUrl(freshDocId(), 'offset=-1', 0, over))
      expect(headers.get('vary')).toMatch(/authorization/)
      expect(headers.get('cache-control') ?? '').not.toMatch(/public/)
    })
  })
})

describe('streams', () => {
  test('an event is passed on at once, not when the stream ends', async () => {
    const docId = freshDocId()
    const first = await fetch(shapeUrl(docId, 'offset=-1'))
    await first.text()
    const at = `offset=${first.headers.get('electric-offset')}&handle=${first.headers.get('electric-handle')}`
    const stream = await fetch(shapeUrl(docId, `${at}&live=true&live_sse=true`))
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(stream.headers.get('x-accel-buffering')).toBe('no')
    expect(stream.headers.get('content-length')).toBeNull()
    expect(stream.headers.get('content-encoding')).toBeNull()
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    for (let i = 0; i < 3; i++) {
      await postUpdate(server, docId)
      let text = ''
      while (!text.includes('up-to-date')) text += (await reader?.read())?.value ?? ''
      expect(text).toMatch(/"operation":"insert"/)
    }
    await reader?.cancel()
  })

  test.each(['a long poll without an answer', 'a stream'])(
    'upstream notices that a client has left %s',
    async (kind) => {
      await withUpstream(async (upstream, over) => {
        const left = new Promise<void>((resolve) => {
          upstream.next(async (request) => {
            request.signal.addEventListener('abort', () => resolve())
            if (kind !== 'a stream') return new Promise(() => {})
            const body = new ReadableStream<Uint8Array>({
              start: (controller) => controller.enqueue(new TextEncoder().encode(': hi\n\n')),
              cancel: () => resolve(),
            })
            return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
          })
        })
        const aborter = new AbortController()
        const response = fetch(shapeUrl(freshDocId(), 'offset=0_0&live=true', 0, over), {
          signal: aborter.signal,
        })
        if (kind === 'a stream') await (await response).body?.getReader().read()
        else await eventually(() => upstream.requests.length === 1)
        aborter.abort()
        await response.catch(() => {})
        await left
        expect(over.errors).toEqual([])
      })
    },
  )
})

describe('a shape service that fails', () => {
  const unavailable = async (
    answer: (request: Request) => Promise<Response> | Response,
    times = 1,
  ): Promise<void> => {
    await withUpstream(async (upstream, over) => {
      upstream.next(...Array(times).fill(answer))
      const response = await fetch(shapeUrl(freshDocId(), 'offset=-1', 0, over))
      await expectError(response, 503, 'shape_service_unavailable')
      expect(over.errors).toHaveLength(1)
    })
  }

  test('down', () =>
    unavailable(() => {
      throw new TypeError('fetch failed', { cause: errorWithCode('ECONNREFUSED') })
    }))
  // Electric refuses the secret or the URL of the server, so the client gets no 4xx.
  test.each([401, 403, 404, 405, 429, 500, 502, 503])('upstream %i', (status) =>
    unavailable(() => Response.json({ message: 'no' }, { status })),
  )

  test('a request that fails by the reset of an idle socket is repeated exactly once', async () => {
    const reset = () => {
      throw new TypeError('fetch failed', { cause: errorWithCode('ECONNRESET') })
    }
    await withUpstream(async (upstream, over) => {
      upstream.next(reset)
      const response = await fetch(shapeUrl(freshDocId(), 'offset=-1', 0, over))
      expect(response.status).toBe(200)
      expect(upstream.requests).toHaveLength(2)
      upstream.next(reset, reset)
      const failed = await fetch(shapeUrl(freshDocId(), 'offset=-1', 0, over))
      await expectError(failed, 503, 'shape_service_unavailable')
      expect(upstream.requests).toHaveLength(4)
    })
  })

  test('no answer contains the secret of the server', async () => {
    await withUpstream(
      async (upstream, over) => {
        upstream.next(() => {
          throw new TypeError('fetch http://x/?secret=ours failed')
        })
        const response = await fetch(shapeUrl(freshDocId(), 'offset=-1', 0, over))
        expect(await response.text()).not.toMatch(/ours/)
      },
      { source: { secret: 'ours' } },
    )
  })
})

const errorWithCode = (code: string): Error => Object.assign(new Error(code), { code })
