// `POST /live`: many streams in one response. Each is authorised, limited and ended separately.
import type { Authorize } from '@y-electric/server'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  type ServeOptions,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { expectError, postUpdate } from './api.ts'

interface Opened {
  readonly stream: number
  readonly status: number
  readonly headers: Record<string, string>
  readonly body?: string
}

/** The events of a response so far. */
interface Joint {
  readonly opened: Opened[]
  readonly ended: number[]
  /** The events of each stream, each as text. */
  readonly events: Map<number, string[]>
  close(): void
}

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  let open: { close(): void | Promise<void> }[] = []
  afterEach(async () => {
    for (const one of open.reverse()) await one.close()
    open = []
  })

  const serve = async (options: Partial<ServeOptions> = {}): Promise<TestServer> => {
    const server = await serveApp({ backend: backend.current, ...options })
    open.push(server)
    return server
  }
  const post = (
    server: TestServer,
    body: unknown,
    { headers = {}, query = '', signal }: Partial<RequestInit> & { query?: string } = {},
  ): Promise<Response> =>
    fetch(`${server.url}/live${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal && { signal }),
    })

  /** The path of a stream from the first row on, with the handle of the shape. */
  const streamOf = async (server: TestServer, docId: string, headers = {}): Promise<string> => {
    const path = `/docs/${docId}/segments/0`
    const response = await fetch(`${server.url}${path}?offset=-1`, { headers })
    await response.arrayBuffer()
    const place = {
      offset: response.headers.get('electric-offset') ?? '',
      handle: response.headers.get('electric-handle') ?? '',
      live: 'true',
      live_sse: 'true',
    }
    return `${path}?${new URLSearchParams(place)}`
  }

  async function join(
    server: TestServer,
    streams: readonly string[],
    options: Parameters<typeof post>[2] = {},
  ): Promise<Joint> {
    const aborter = new AbortController()
    const response = await post(server, { streams }, { ...options, signal: aborter.signal })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(response.headers.get('content-encoding')).toBeNull()
    const joint: Joint = {
      opened: [],
      ended: [],
      events: new Map(),
      close: () => aborter.abort(),
    }
    open.push(joint)
    void read(response, joint).catch(() => {})
    return joint
  }

  async function read(response: Response, { opened, ended, events }: Joint): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const [, name, data] = /^event: (\w+)\n(?:data: )?([\s\S]*)$/.exec(block) ?? []
        if (name === 'open') opened.push(JSON.parse(data ?? ''))
        else if (name === 'end') ended.push(JSON.parse(data ?? '').stream)
        else if (name !== undefined) {
          events.set(Number(name), [...(events.get(Number(name)) ?? []), data ?? ''])
        }
      }
    }
  }

  const rowsOf = ({ events }: Joint, stream: number): number =>
    (events.get(stream) ?? []).filter((event) => event.includes('"operation":"insert"')).length

  test('each stream is answered, and all its rows arrive under its number', async () => {
    const server = await serve()
    const docIds = [freshDocId(), freshDocId()]
    for (const docId of docIds) await postUpdate(server, docId)
    const joint = await join(
      server,
      await Promise.all(docIds.map((docId) => streamOf(server, docId))),
    )
    await eventually(() => joint.opened.length === 2)
    expect(joint.opened.map(({ status }) => status)).toEqual([200, 200])
    for (const { headers } of joint.opened) {
      expect(headers['electric-handle']).toMatch(/\d/)
      expect(headers['content-type']).toMatch(/^text\/event-stream/)
    }
    for (let i = 0; i < 5; i++) await postUpdate(server, docIds[1] as string)
    await postUpdate(server, docIds[0] as string)
    await eventually(() => {
      expect([rowsOf(joint, 0), rowsOf(joint, 1)]).toEqual([1, 5])
    })
    expect(joint.ended).toEqual([])
  })

  test('a stream that begins behind the log delivers the backlog and continues', async () => {
    const server = await serve()
    const docId = freshDocId()
    await postUpdate(server, docId)
    const behind = await streamOf(server, docId)
    for (let i = 0; i < 3; i++) await postUpdate(server, docId)
    const joint = await join(server, [behind])
    await eventually(() => rowsOf(joint, 0) === 3)
    await postUpdate(server, docId)
    await eventually(() => rowsOf(joint, 0) === 4)
    expect(joint.ended).toEqual([])
  })

  test('the hook sees each stream as the request that it represents', async () => {
    const seen: string[] = []
    const authorize: Authorize = ({ request, action, docId }) => {
      const { pathname, searchParams } = new URL(request.url)
      const isStream = searchParams.has('live_sse')
      const token = request.headers.get('authorization')
      if (isStream) {
        seen.push(`${request.method} ${pathname} ${action} ${searchParams.get('tenant')} ${token}`)
      }
      return docId.startsWith('secret') && isStream ? 'forbidden' : 'allow'
    }
    const server = await serve({ authorize })
    const [mine, secret] = [freshDocId(), freshDocId('secret')]
    for (const docId of [mine, secret]) await postUpdate(server, docId)
    const joint = await join(
      server,
      [
        await streamOf(server, mine),
        await streamOf(server, secret),
        '/docs/x/awareness?live=true&live_sse=true&offset=-1',
      ],
      { headers: { authorization: 'Bearer ada' }, query: '?tenant=7' },
    )
    await eventually(() => joint.opened.length === 3)
    expect(seen.sort()).toEqual(
      [
        `GET /api/docs/${mine}/segments/0 read 7 Bearer ada`,
        `GET /api/docs/${secret}/segments/0 read 7 Bearer ada`,
        'GET /api/docs/x/awareness read 7 Bearer ada',
      ].sort(),
    )
    const refused = joint.opened.find(({ stream }) => stream === 1)
    expect(refused?.status).toBe(403)
    expect(JSON.parse(refused?.body ?? '').error.code).toBe('forbidden')
    await postUpdate(server, mine)
    await eventually(() => rowsOf(joint, 0) === 1)
  })

  test('each stream counts towards the limit until its reader disconnects', async () => {
    const server = await serve({ maxDocumentStreams: 2 })
    const docId = freshDocId()
    await postUpdate(server, docId)
    const path = await streamOf(server, docId)
    const first = await join(server, [path, path, path])
    await eventually(() => first.opened.length === 3)
    expect(first.opened.map(({ status }) => status).sort()).toEqual([200, 200, 429])
    first.close()
    const second = await eventually(async () => {
      const again = await join(server, [path, path])
      await eventually(() => again.opened.length === 2)
      const statuses = again.opened.map(({ status }) => status)
      // An accepted request would occupy the free stream.
      if (statuses.some((status) => status !== 200)) again.close()
      expect(statuses).toEqual([200, 200])
      return again
    })
    await postUpdate(server, docId)
    await eventually(() => rowsOf(second, 1) === 1)
  })

  test('a stream of an unopened segment is refused, and the other streams continue', async () => {
    const server = await serve()
    const docId = freshDocId()
    await postUpdate(server, docId)
    const path = await streamOf(server, docId)
    const joint = await join(server, [path.replace('/segments/0', '/segments/9'), path])
    await eventually(() => joint.opened.length === 2)
    const [refused] = joint.opened.filter(({ stream }) => stream === 0)
    expect(JSON.parse(refused?.body ?? '').error.code).toBe('segment_not_opened')
    await postUpdate(server, docId)
    await eventually(() => rowsOf(joint, 1) === 1)
  })

  test.each([
    'not JSON',
    {},
    { streams: [] },
    { streams: 'x' },
    { streams: [1] },
    { streams: ['/docs/a/segments/0?offset=-1'] },
    { streams: ['/docs/a/segments/0?offset=-1&live=true'] },
    { streams: ['docs/a/segments/0?live=true&live_sse=true'] },
    { streams: ['//evil.example/docs/a/segments/0?live=true&live_sse=true'] },
    { streams: ['/docs/../health?live=true&live_sse=true'] },
    { streams: ['/docs/a/segments/0?live=true&live_sse=true#x'] },
    { streams: ['/docs/a\\b/segments/0?live=true&live_sse=true'] },
    { streams: [`/docs/${'a'.repeat(9_000)}/segments/0?live=true&live_sse=true`] },
    { streams: Array.from({ length: 501 }, () => '/docs/a/awareness?live=true&live_sse=true') },
  ])('400 for %j', async (body) => {
    await expectError(await post(await serve(), body), 400, 'invalid_request')
  })

  test('each path that is not a stream is answered with 404', async () => {
    const server = await serve()
    const joint = await join(server, [
      '/docs/a/updates?live=true&live_sse=true',
      '/docs/a/state?live=true&live_sse=true',
      '/docs/a?live=true&live_sse=true',
    ])
    await eventually(() => joint.opened.length === 3)
    for (const { status, body } of joint.opened) {
      expect([status, JSON.parse(body ?? '').error.code]).toEqual([404, 'not_found'])
    }
  })
})
