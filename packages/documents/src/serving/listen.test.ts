import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, createConnection, type Socket } from 'node:net'
import { DEFAULT_LIMITS } from '@y-electric/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  affordableConnections,
  DEFAULT_HTTP_LIMITS,
  type HttpLimits,
  readServeLimits,
} from './http-limits.ts'
import { closeServer, listen } from './listen.ts'
import { ReadProgress } from './read-progress.ts'

const servers: Server[] = []
const sockets: Socket[] = []
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await closeServer(server)
  }
})

async function serve(
  http: Partial<HttpLimits>,
  fetch: (request: Request) => Response | Promise<Response> = () => new Response('hello'),
  bodyTimeoutMs = 1_000,
): Promise<number> {
  const server = await listen(fetch, {
    host: '127.0.0.1',
    port: 0,
    limits: {
      http: { ...DEFAULT_HTTP_LIMITS, ...http },
      api: { ...DEFAULT_LIMITS, bodyTimeoutMs },
    },
  })
  servers.push(server)
  return (server.address() as AddressInfo).port
}

interface Opened {
  readonly socket: Socket
  readonly ended: Promise<unknown>
  text(): string
}

async function open(port: number, text = ''): Promise<Opened> {
  const socket = createConnection({ host: '127.0.0.1', port })
  sockets.push(socket)
  socket.on('error', () => {})
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  const ended = once(socket, 'close')
  await once(socket, 'connect')
  socket.write(text)
  return { socket, ended, text: () => received }
}

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n'

describe('a connection', () => {
  test.each([
    ['that sends nothing', ''],
    ['whose headers do not end', GET],
  ])('%s is closed after headersTimeoutMs', async (_, sent) => {
    const { ended } = await open(await serve({ headersTimeoutMs: 100 }), sent)
    await ended
  })

  test('is closed after headersTimeoutMs if its headers trickle', async () => {
    const { socket, ended } = await open(await serve({ headersTimeoutMs: 200 }), GET)
    const trickle = setInterval(() => socket.write('x: y\r\n'), 20)
    await ended
    clearInterval(trickle)
  })

  test('is closed after idleTimeoutMs if it has no further request', async () => {
    const { ended, text } = await open(await serve({ idleTimeoutMs: 100 }), `${GET}\r\n`)
    await ended
    expect(text()).toContain('hello')
  })

  test('is answered with 431 if its headers are larger than maxHeaderBytes', async () => {
    const port = await serve({ maxHeaderBytes: 2_000 })
    const { ended, text } = await open(port, `${GET}x: ${'y'.repeat(3_000)}\r\n\r\n`)
    await ended
    expect(text()).toMatch(/^HTTP\/1\.1 431 /)
  })

  test.each(['maxConnections', 'maxConnectionsPerAddress'] as const)(
    'above %s is closed, and one that closes makes room',
    async (limit) => {
      const port = await serve({ [limit]: 2 })
      const [first] = [await open(port), await open(port)]
      await (await open(port)).ended
      first?.socket.destroy()
      await first?.ended
      const answer = async () => {
        const next = await open(port, `${GET}connection: close\r\n\r\n`)
        await next.ended
        return next.text()
      }
      await expect.poll(answer).toContain('hello')
    },
  )

  test('is refused above the limit, and many refusals are one line in the log', async () => {
    const port = await serve({ maxConnectionsPerAddress: 1 })
    await open(port)
    for (let i = 0; i < 50; i++) await (await open(port)).ended
    expect(vi.mocked(console.error).mock.calls).toEqual([
      ['connection closed: too many connections from one address'],
    ])
  })
})

describe('requests that do not wait for the previous answer', () => {
  const MANY = `${GET}\r\n`.repeat(2_000)

  test('are handled one after the other, in their order', async () => {
    let atWork = 0
    let most = 0
    const port = await serve({}, async (request) => {
      most = Math.max(most, ++atWork)
      await new Promise(setImmediate)
      atWork--
      return new Response(new URL(request.url).pathname)
    })
    const sent = [1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nhost: x\r\n\r\n`)
    const { ended, text } = await open(port, `${sent.join('')}${GET}connection: close\r\n\r\n`)
    await ended
    expect(text().match(/(?<=\r\n\r\n)\/\d?/g)).toEqual(['/1', '/2', '/3', '/'])
    expect(most).toBe(1)
  })

  test('are not handled after the connection has closed', async () => {
    const seen: AbortSignal[] = []
    const port = await serve({}, ({ signal }) => {
      seen.push(signal)
      return new Response(new ReadableStream(), {
        headers: { 'content-type': 'text/event-stream' },
      })
    })
    const { socket } = await open(port, `${GET}\r\n`.repeat(5))
    await expect.poll(() => seen).toHaveLength(1)
    socket.destroy()
    await expect.poll(() => seen[0]?.aborted).toBe(true)
    await new Promise(setImmediate)
    expect(seen).toHaveLength(1)
  })

  test('close their connection above maxPipelinedRequests, and only the first is handled', async () => {
    let handled = 0
    const port = await serve({ maxPipelinedRequests: 10 }, () => {
      handled++
      return new Promise(() => {})
    })
    const { ended } = await open(port, MANY)
    await ended
    expect(handled).toBe(1)
    expect(vi.mocked(console.error).mock.calls).toEqual([
      ['connection closed: too many requests without waiting for an answer'],
    ])
  })
})

describe('a reader of a large answer', () => {
  const stall = { readStallMs: 300, minReadBytesPerSecond: 1_000 }
  const large = () => new Response('x'.repeat(50 * 1024 * 1024))

  test('is disconnected if it does not read, and the waiting data is freed', async () => {
    const { socket, ended } = await open(await serve(stall, large), `${GET}\r\n`)
    socket.pause()
    const server = servers[0]
    const count = () => new Promise((resolve) => server?.getConnections((_, n) => resolve(n)))
    await expect.poll(count).toBe(0)
    socket.resume()
    await ended
  })

  test('is disconnected if it does not read a stream, and the stream is cancelled', async () => {
    let produced = 0
    let onCancel = (): void => {}
    const cancelled = new Promise<void>((resolve) => {
      onCancel = resolve
    })
    const endless = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            produced += 65_536
            controller.enqueue(new Uint8Array(65_536))
          },
          cancel: () => onCancel(),
        }),
        { headers: { 'content-type': 'text/event-stream' } },
      )
    const { socket } = await open(await serve(stall, endless), `${GET}\r\n`)
    socket.pause()
    await cancelled
    expect(produced).toBeLessThan(64 * 1024 * 1024)
  })

  test('gets the whole answer if it reads slowly, but fast enough', async () => {
    const { socket, text, ended } = await open(
      await serve(stall, () => new Response('x'.repeat(4 * 1024 * 1024))),
      `${GET}connection: close\r\n\r\n`,
    )
    const pauses = setInterval(() => {
      if (socket.isPaused()) socket.resume()
      else socket.pause()
    }, 20)
    await ended
    clearInterval(pauses)
    expect(text().length).toBeGreaterThan(4 * 1024 * 1024)
  })

  test('stays connected to a live stream without news, longer than every deadline', async () => {
    let send = (_: string): void => {}
    const live = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            send = (text) => controller.enqueue(new TextEncoder().encode(text))
          },
        }),
        { headers: { 'content-type': 'text/event-stream' } },
      )
    const limits = { ...stall, headersTimeoutMs: 100, idleTimeoutMs: 100 }
    const { text, socket } = await open(await serve(limits, live, 100), `${GET}\r\n`)
    await expect.poll(() => text()).toContain('event-stream')
    // Longer than the deadlines and the pauses between checks together.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    send('data: news\n\n')
    await expect.poll(() => text()).toContain('data: news')
    expect(socket.destroyed).toBe(false)
  })
})

describe('the progress of a reader', () => {
  const limits = { readStallMs: 1_000, minReadBytesPerSecond: 100 }

  test('is judged only while bytes wait', () => {
    const progress = new ReadProgress(limits, 0, 0)
    expect(progress.isStalled({ taken: 0, isWaiting: false }, 900)).toBe(false)
    expect(progress.isStalled({ taken: 0, isWaiting: true }, 1_800)).toBe(false)
    expect(progress.isStalled({ taken: 0, isWaiting: true }, 1_900)).toBe(true)
  })

  test('is enough at the minimum rate, which is measured anew in each interval', () => {
    const progress = new ReadProgress(limits, 0, 0)
    expect(progress.isStalled({ taken: 100, isWaiting: true }, 1_000)).toBe(false)
    expect(progress.isStalled({ taken: 199, isWaiting: true }, 1_999)).toBe(false)
    expect(progress.isStalled({ taken: 199, isWaiting: true }, 2_000)).toBe(true)
  })
})

describe('the settings', () => {
  test('are read from the environment', () => {
    const { http, api } = readServeLimits({ MAX_CONNECTIONS: '7', BODY_TIMEOUT_MS: '9' })
    expect(http).toEqual({ ...DEFAULT_HTTP_LIMITS, maxConnections: 7 })
    expect(api).toMatchObject({ bodyTimeoutMs: 9, maxBodiesBytes: DEFAULT_LIMITS.maxBodiesBytes })
  })

  test.each(['0', '-1', 'many', '1.5'])('refuse %j and name the variable', (value) => {
    expect(() => readServeLimits({ READ_STALL_MS: value })).toThrow(
      `READ_STALL_MS must be a whole number above 0, not "${value}"`,
    )
  })

  test('may switch a limit off with 0 only if the limit allows it', () => {
    expect(readServeLimits({ MAX_ABANDONED_REST_MS: '0' }).api.maxAbandonedRestMs).toBe(0)
    expect(() => readServeLimits({ MAX_ABANDONED_REST_MS: '-1' })).toThrow(
      'MAX_ABANDONED_REST_MS must be a whole number, not "-1"',
    )
  })

  test('leave file descriptors for the database', () => {
    expect(affordableConnections(10_000, Number.POSITIVE_INFINITY)).toBe(10_000)
    expect(affordableConnections(10_000, 1_024)).toBe(768)
    expect(affordableConnections(10_000, 100)).toBe(50)
    expect(affordableConnections(10, 1_024)).toBe(10)
  })
})
