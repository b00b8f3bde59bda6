import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { DEFAULT_RETRY } from '../core/retry.ts'
import { ERROR_STATUS, type ServerErrorCode } from '../protocol/error-codes.ts'
import { isPresenceOf } from '../protocol/presence-frames.ts'
import { systemClock } from './clock.ts'
import type { Http } from './http.ts'
import { PresenceSender } from './presence-sender.ts'

interface Write {
  readonly method: string
  readonly body: Uint8Array | null
  readonly isBeacon: boolean
}

let writes: Write[]
let status: number
/** The server's own code, in its own body; null answers without the server's body. */
let code: ServerErrorCode | null
let headers: Record<string, string>
let inFlight: number
/** Answers after this long, in milliseconds. */
let latency: number
let awareness: Awareness
let sender: PresenceSender

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
  writes = []
  status = 204
  code = null
  headers = {}
  inFlight = 0
  latency = 5
  const note = ({ method = 'GET', body = null }: RequestInit, isBeacon: boolean) =>
    writes.push({ method, body: body as Uint8Array | null, isBeacon })
  const http: Http = {
    async send(_url, init) {
      note(init, false)
      inFlight += 1
      expect(inFlight).toBe(1)
      try {
        await new Promise((resolve, reject) => {
          const timer = setTimeout(resolve, latency)
          init.signal?.addEventListener('abort', () => {
            clearTimeout(timer)
            reject(init.signal?.reason)
          })
        })
      } finally {
        inFlight -= 1
      }
      if (status === 0) throw new TypeError('no network')
      return code === null
        ? new Response(null, { status, headers })
        : Response.json({ error: { code, message: 'set by the test' } }, { status, headers })
    },
    beacon: (_url, init) => void note(init, true),
  }
  awareness = new Awareness(new Y.Doc())
  sender = new PresenceSender({
    http,
    clock: systemClock,
    retry: DEFAULT_RETRY,
    awareness,
    url: 'http://stub.test/awareness/1',
    onChanged: () => {},
    onError: () => {},
  })
})
afterEach(() => {
  sender.destroy()
  awareness.destroy()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** The body of an answer is read in real turns of the event loop, so virtual time passes in steps between them. */
async function pass(ms: number): Promise<void> {
  const steps = Math.min(ms, 10)
  for (let i = 0; i <= steps; i++) {
    for (let turn = 0; turn < 3; turn++) await new Promise<void>((done) => setImmediate(done))
    if (i < steps) await vi.advanceTimersByTimeAsync(ms / steps)
  }
}
const puts = () => writes.filter(({ method }) => method === 'PUT')
/** The last sent state, as others read it. */
function lastState(): unknown {
  const { body } = puts().at(-1) ?? {}
  if (!body) return undefined
  const other = new Awareness(new Y.Doc())
  expect(isPresenceOf(awareness.clientID, body)).toBe(true)
  const text = new TextDecoder().decode(body)
  other.destroy()
  return JSON.parse(text.slice(text.indexOf('{')))
}

describe('the sender sends', () => {
  test('a state that was set before opening', async () => {
    awareness.setLocalState({ name: 'Ada' })
    sender.open()
    await pass(100)
    expect(puts()).toHaveLength(1)
    expect(lastState()).toEqual({ name: 'Ada' })
  })

  test('the first state that is set', async () => {
    awareness.setLocalState(null)
    sender.open()
    await pass(1_000)
    expect(writes).toEqual([])
    awareness.setLocalState({ name: 'Ada' })
    await pass(100)
    expect(lastState()).toEqual({ name: 'Ada' })
  })

  test('only the latest of many states, one at a time, with a pause after each', async () => {
    sender.open()
    await pass(1_000)
    const before = writes.length
    for (let i = 0; i < 200; i++) {
      awareness.setLocalState({ cursor: i })
      await pass(1)
    }
    await pass(1_000)
    expect(writes.length - before).toBeLessThanOrEqual(200 / 55 + 2)
    expect(lastState()).toEqual({ cursor: 199 })
  })

  test('the last state, even if it is set while the previous one is in flight', async () => {
    latency = 3_000
    sender.open()
    await pass(10)
    awareness.setLocalState({ cursor: 'new' })
    await pass(10_000)
    expect(puts()).toHaveLength(2)
    expect(lastState()).toEqual({ cursor: 'new' })
  })
})

describe('an idle client', () => {
  test('writes at most twice a minute, and before it expires', async () => {
    awareness.setLocalState({ name: 'Ada' })
    sender.open()
    await pass(1_000)
    const before = writes.length
    await pass(10 * 60_000)
    expect(writes.length - before).toBeLessThanOrEqual(20)
    expect(writes.length - before).toBeGreaterThanOrEqual(19)
  })

  test('sends a different row each time, because an unchanged row notifies nobody', async () => {
    sender.open()
    await pass(5 * 60_000)
    const bodies = puts().map(({ body }) => String(body))
    expect(new Set(bodies).size).toBe(bodies.length)
  })

  test('may set the same state repeatedly and still counts as idle', async () => {
    awareness.setLocalState({ name: 'Ada' })
    sender.open()
    for (let second = 0; second < 120; second++) {
      awareness.setLocalState({ name: 'Ada' })
      await pass(1_000)
    }
    expect(writes.length).toBeLessThanOrEqual(5)
  })

  test('writes nothing if it has no state', async () => {
    sender.open()
    await pass(100)
    awareness.setLocalState(null)
    await pass(100)
    expect(writes.at(-1)?.method).toBe('DELETE')
    const before = writes.length
    await pass(5 * 60_000)
    expect(writes).toHaveLength(before)
  })
})

describe('leaving', () => {
  test('is sent at once, even during a write, and keeps the own state', async () => {
    awareness.setLocalState({ name: 'Ada' })
    sender.open()
    await pass(1)
    expect(inFlight).toBe(1)
    sender.close()
    expect(writes.at(-1)).toMatchObject({ method: 'DELETE', isBeacon: true })
    await pass(60_000)
    expect(writes).toHaveLength(2)
    expect(awareness.getLocalState()).toEqual({ name: 'Ada' })
    sender.open()
    await pass(100)
    expect(lastState()).toEqual({ name: 'Ada' })
  })

  test('is sent once, and only by a client that was present', async () => {
    sender.close()
    awareness.setLocalState(null)
    sender.open()
    await pass(100)
    sender.close()
    expect(writes).toEqual([])
    awareness.setLocalState({})
    sender.open()
    await pass(100)
    sender.close()
    sender.close()
    sender.destroy()
    expect(writes.filter(({ isBeacon }) => isBeacon)).toHaveLength(1)
  })
})

describe('a failed write', () => {
  test.each([0, 500, 503, 429, 400, 404, 405, 410, 413, 431])(
    'is tried again with the current state if the status is temporary or the body is not the server’s: %i',
    async (answered) => {
      status = answered
      sender.open()
      await pass(20_000)
      const tries = writes.length
      expect(tries).toBeGreaterThan(1)
      expect(tries).toBeLessThan(60)
      awareness.setLocalState({ name: 'Ada' })
      status = 204
      await pass(20_000)
      expect(lastState()).toEqual({ name: 'Ada' })
      const after = writes.length
      await pass(20_000)
      expect(writes.length - after).toBeLessThanOrEqual(1)
    },
  )

  test.each([
    [401, null],
    [403, null],
    [404, 'not_found'],
    [410, 'deleted'],
    [400, 'invalid_doc_id'],
  ] as const)(
    'is not tried again until presence is opened if the status is final: %i %s',
    async (...answered) => {
      ;[status, code] = answered
      sender.open()
      await pass(100)
      awareness.setLocalState({ name: 'Ada' })
      await pass(5 * 60_000)
      expect(writes).toHaveLength(1)
      ;[status, code] = [204, null]
      sender.open()
      await pass(100)
      expect(lastState()).toEqual({ name: 'Ada' })
    },
  )

  test('is not tried again before Retry-After, however often the state changes', async () => {
    ;[status, headers] = [503, { 'retry-after': '20' }]
    sender.open()
    for (let i = 0; i < 100; i++) {
      awareness.setLocalState({ cursor: i })
      await pass(190)
    }
    expect(writes).toHaveLength(1)
    await pass(2_000)
    expect(writes).toHaveLength(2)
  })

  test.each(['invalid_awareness', 'awareness_too_large'] as const)(
    'because of its state is tried again with the next state: %s',
    async (answered) => {
      ;[status, code] = [ERROR_STATUS[answered], answered]
      awareness.setLocalState({ selection: 'x'.repeat(100_000) })
      sender.open()
      await pass(5 * 60_000)
      expect(writes).toHaveLength(1)
      ;[status, code] = [204, null]
      awareness.setLocalState({ name: 'Ada' })
      await pass(100)
      expect(lastState()).toEqual({ name: 'Ada' })
    },
  )
})

test('a refusal of a write from before a reconnect does not keep the client away', async () => {
  ;[status, latency] = [403, 1_000]
  awareness.setLocalState({ name: 'Ada' })
  sender.open()
  await pass(500)
  // The app has signed in again, and the answer to the write is still on its way.
  latency = 5
  sender.interrupt()
  await pass(0)
  sender.open()
  status = 204
  await pass(1_000)
  expect(puts()).toHaveLength(2)
  await pass(30_000)
  expect(puts()).toHaveLength(3)
  expect(writes.filter(({ method }) => method === 'DELETE')).toEqual([])
})

test('an interruption does not open what the app has closed', async () => {
  awareness.setLocalState({ name: 'Ada' })
  sender.interrupt()
  await pass(1_000)
  expect(writes).toEqual([])
})

test('a client that is notified that its row is gone writes it again', async () => {
  awareness.setLocalState({ name: 'Ada' })
  sender.open()
  await pass(1_000)
  sender.repeat()
  await pass(100)
  expect(puts()).toHaveLength(2)
  sender.close()
  sender.repeat()
  await pass(100)
  expect(puts()).toHaveLength(2)
})
