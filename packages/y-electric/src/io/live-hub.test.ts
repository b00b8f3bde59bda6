import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BACKLOG_FIRST, BACKLOG_PARAM, backlogEvent } from '../protocol/backlog.ts'
import type { Clock } from './clock.ts'
import { LiveHub, NotJoined } from './live-hub.ts'

/** Timers that fire when the test advances them, in the order of their times. */
function manualClock() {
  let now = 0
  let timers: { readonly at: number; readonly task: () => void }[] = []
  const clock: Clock = {
    now: () => now,
    random: () => 0.5,
    uuid: () => 'id',
    after(ms, task) {
      const timer = { at: now + ms, task }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
  }
  return {
    clock,
    advance(ms: number) {
      const end = now + ms
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        timers = timers.filter((one) => one !== next)
        now = next.at
        next.task()
      }
      now = end
    },
  }
}

const settle = async () => {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** A server with one log of batches for each path; batch n ends at LSN n. */
function fakeServer() {
  const encoder = new TextEncoder()
  const logs = new Map<string, string[]>()
  const responses = new Set<Joint>()
  let asked = 0
  let refusal: (() => Response | Promise<Response>) | null = null

  interface Joint {
    readonly controller: ReadableStreamDefaultController<Uint8Array>
    readonly paths: readonly string[]
  }

  const batch = (stream: number, text: string, lsn: number): string =>
    `event: ${stream}\ndata: {"value":"${text}"}\n\n` +
    `event: ${stream}\ndata: {"headers":{"control":"up-to-date","global_last_seen_lsn":"${lsn}"}}\n\n`

  async function post(paths: readonly string[], signal: AbortSignal): Promise<Response> {
    asked += 1
    if (refusal !== null) return refusal()
    let joint: Joint | null = null
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        joint = { controller, paths }
        responses.add(joint)
        const text = paths.map((path, i) => {
          const { pathname, searchParams } = new URL(path, 'http://host')
          const from = Number(searchParams.get('offset')?.split('_')[0])
          const backlog = (logs.get(pathname) ?? []).slice(from)
          const opened = { stream: i, status: 200, headers: { 'electric-handle': 'h' } }
          const open = `event: open\ndata: ${JSON.stringify(opened)}\n\n`
          if (searchParams.get(BACKLOG_PARAM) === BACKLOG_FIRST) {
            const messages = JSON.stringify(backlog.map((value) => ({ value })))
            const offset = `${from + backlog.length}_0`
            return `${open}event: ${i}\n${backlogEvent({ offset, messages })}`
          }
          return open + backlog.map((one, n) => batch(i, one, from + n + 1)).join('')
        })
        controller.enqueue(encoder.encode(`: open\n\n${text.join('')}`))
      },
      cancel() {
        if (joint !== null) responses.delete(joint)
      },
    })
    signal.addEventListener('abort', () => {
      if (joint !== null && responses.delete(joint)) joint.controller.error(signal.reason)
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }

  return {
    post,
    asked: () => asked,
    open: () => responses.size,
    refuse(by: typeof refusal) {
      refusal = by
    },
    append(path: string, text: string) {
      const log = [...(logs.get(path) ?? []), text]
      logs.set(path, log)
      for (const { controller, paths } of responses) {
        for (const [i, one] of paths.entries()) {
          if (!one.startsWith(`${path}?`)) continue
          const bytes = encoder.encode(batch(i, text, log.length))
          // In two pieces, so that events start in the middle of a chunk.
          controller.enqueue(bytes.slice(0, 20))
          controller.enqueue(bytes.slice(20))
        }
      }
    },
    /** Sends a heartbeat. */
    beat() {
      for (const { controller } of responses) controller.enqueue(encoder.encode(': here\n\n'))
    },
    /** Ends every response. */
    cut() {
      for (const joint of responses) joint.controller.close()
      responses.clear()
    },
    log: (path: string) => logs.get(path) ?? [],
  }
}

/** Reads a stream to its end and collects the values. */
async function read(response: Response, into: string[]): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    const values = [...text.matchAll(/"value":"([^"]*)"/g)].map(([, value]) => value ?? '')
    // Its reader takes only the first event for its backlog.
    const isBegunAgain = text.split('event: backlog\n').length > 2
    into.splice(0, into.length, ...values, ...(isBegunAgain ? ['a second backlog'] : []))
  }
}

function start() {
  const server = fakeServer()
  const time = manualClock()
  let idle = 0
  const hub = new LiveHub({ clock: time.clock, post: server.post, onIdle: () => void idle++ })
  const follow = (path: string, query = '') => {
    const aborter = new AbortController()
    const got: string[] = []
    const outcome: { error?: unknown } = {}
    hub
      .open(`${path}?offset=0_0&live=true&live_sse=true${query}`, aborter.signal)
      .then((response) => read(response, got))
      .catch((error) => {
        outcome.error = error
      })
    return { path, got, outcome, stop: () => aborter.abort(new Error('stopped')) }
  }
  const wait = async (ms: number) => {
    server.beat()
    await settle()
    time.advance(ms)
    await settle()
  }
  return { server, hub, follow, wait, idle: () => idle }
}

describe('many streams in one response', () => {
  test('streams that begin together are requested together, and each gets its own answer', async () => {
    const { server, follow, wait } = start()
    server.append('/docs/a', 'a1')
    const [a, b] = [follow('/docs/a'), follow('/docs/b')]
    await wait(10)
    server.append('/docs/b', 'b1')
    await settle()
    expect([a.got, b.got, server.asked()]).toEqual([['a1'], ['b1'], 1])
  })

  test('each reader gets every batch once and in order, however streams start, stop and break', async () => {
    const path = fc.integer({ min: 0, max: 3 }).map((i) => `/docs/${i}`)
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ type: fc.constant('append' as const), path }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('follow' as const), path }) },
      fc.record({ type: fc.constant('stop' as const), path }),
      fc.record({ type: fc.constant('cut' as const), path }),
      { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), path }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('turn' as const), path }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { server, follow, wait } = start()
        let readers: ReturnType<typeof follow>[] = []
        let count = 0
        for (const { type, path } of steps) {
          if (type === 'append') server.append(path, `${++count}`)
          else if (type === 'follow') {
            const wantsBacklog = readers.length % 2 === 0
            readers.push(follow(path, wantsBacklog ? `&${BACKLOG_PARAM}=${BACKLOG_FIRST}` : ''))
          } else if (type === 'cut') server.cut()
          else if (type === 'wait') await wait(2_000)
          else if (type === 'turn') await settle()
          else {
            const gone = readers.find((one) => one.path === path)
            gone?.stop()
            readers = readers.filter((one) => one !== gone)
          }
          for (const { path, got } of readers) {
            expect(got).toEqual(server.log(path).slice(0, got.length))
          }
        }
        for (let i = 0; i < 4; i++) await wait(6_000)
        for (const { path, got } of readers) expect(got).toEqual(server.log(path))
        expect(server.open()).toBe(readers.length === 0 ? 0 : 1)
      }),
      { numRuns: 150 },
    )
  })

  test('a refused list leaves the open streams unchanged', async () => {
    const { server, follow, wait } = start()
    const a = follow('/docs/a')
    await wait(10)
    server.refuse(() => new Response('{}', { status: 503 }))
    const b = follow('/docs/b')
    await wait(10)
    server.append('/docs/a', 'a1')
    await settle()
    expect(a.got).toEqual(['a1'])
    expect([b.got, b.outcome]).toEqual([[], {}])
    server.refuse(() => Promise.reject(new TypeError('no network')))
    const c = follow('/docs/c')
    await wait(10)
    expect(String(c.outcome.error)).toMatch(/no network/)
    server.append('/docs/a', 'a2')
    await settle()
    expect(a.got).toEqual(['a1', 'a2'])
  })

  test('a server without the route rejects with NotJoined', async () => {
    for (const status of [404, 405, 501]) {
      const { server, follow, wait } = start()
      server.refuse(() => new Response('', { status }))
      const a = follow('/docs/a')
      await wait(10)
      expect(a.outcome.error).toBeInstanceOf(NotJoined)
    }
  })

  test('responses that end at once end the streams after some tries', async () => {
    const { server, follow, wait } = start()
    const a = follow('/docs/a')
    for (let i = 0; i < 4; i++) {
      await wait(1_000)
      server.cut()
      await settle()
    }
    expect(server.asked()).toBe(3)
    expect(a.outcome).toEqual({})
  })

  test('the response is cancelled when its last stream ends', async () => {
    const { server, follow, wait, idle } = start()
    const [a, b] = [follow('/docs/a'), follow('/docs/b')]
    await wait(10)
    a.stop()
    await wait(6_000)
    expect([server.open(), server.asked(), idle()]).toEqual([1, 2, 0])
    b.stop()
    await settle()
    expect([server.open(), idle()]).toEqual([0, 1])
  })
})
