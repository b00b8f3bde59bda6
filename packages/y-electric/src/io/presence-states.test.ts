import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { PRESENCE_EXPIRY_MS, PRESENCE_HEARTBEAT_MS, PRESENCE_RECHECK_MS } from '../core/presence.ts'
import { DEFAULT_RETRY } from '../core/retry.ts'
import type { ElectricProviderError } from '../errors.ts'
import { systemClock } from './clock.ts'
import { PresenceSender } from './presence-sender.ts'

let awareness: Awareness
/** An observer that receives the rows as they are written. */
let other: Awareness
let sender: PresenceSender
let errors: ElectricProviderError[]
let writes: string[]
/** How often this tab sent its presence to the other tabs of its browser. */
let told: number
let limit: number

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
  errors = []
  writes = []
  told = 0
  limit = 1_000
  awareness = new Awareness(new Y.Doc())
  other = new Awareness(new Y.Doc())
  sender = new PresenceSender({
    http: {
      async send(_url, { method = 'GET', body }) {
        writes.push(method)
        const bytes = body as Uint8Array | undefined
        if (bytes !== undefined && bytes.byteLength > limit) return tooLarge()
        if (bytes !== undefined) applyAwarenessUpdate(other, bytes, null)
        return new Response(null, { status: 204 })
      },
      beacon: () => {},
    },
    clock: systemClock,
    retry: DEFAULT_RETRY,
    awareness,
    url: 'http://stub.test/awareness/1',
    onChanged: () => {
      told += 1
    },
    onError: (error) => errors.push(error),
  })
})
afterEach(() => {
  sender.destroy()
  awareness.destroy()
  other.destroy()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const tooLarge = () =>
  Response.json({ error: { code: 'awareness_too_large', message: 'too large' } }, { status: 413 })
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const seen = () => other.getStates().get(awareness.clientID)
const codes = () => errors.map(({ code }) => code)

const cycle: Record<string, unknown> = {}
cycle.self = cycle

const BAD: readonly (readonly [name: string, state: unknown])[] = [
  ['a BigInt', { user: { id: 12n } }],
  ['a cycle', cycle],
  [
    'a getter that throws',
    {
      get user() {
        throw new Error('not now')
      },
    },
  ],
  [
    'a toJSON that throws nothing in particular',
    {
      toJSON() {
        throw null
      },
    },
  ],
  ['a toJSON that returns nothing', { toJSON() {} }],
  ['a toJSON that returns null', { toJSON: () => null }],
  ['a toJSON that returns a text', { toJSON: () => 'Ada' }],
  ['a function', () => {}],
  ['a symbol', Symbol('Ada')],
  ['a text', 'Ada'],
  ['a number', 7],
]
const setBad = (state: unknown) => awareness.setLocalState(state as Record<string, unknown>)

/** y-protocols compares each state with the one before it, so a throwing getter throws to the app. */
function setNext(state: Record<string, unknown> | null): void {
  try {
    awareness.setLocalState(state)
  } catch (error) {
    expect(error).toEqual(new Error('not now'))
  }
}

describe.each(BAD)('a state that JSON cannot express: %s', (_name, bad) => {
  test('set before connecting is reported once, and the next good one is sent', async () => {
    setBad(bad)
    sender.open()
    await pass(2 * PRESENCE_HEARTBEAT_MS)
    expect(codes()).toEqual(['invalid_presence'])
    expect([writes, told]).toEqual([[], 0])
    setNext({ name: 'Ada' })
    await pass(PRESENCE_RECHECK_MS + 100)
    expect(seen()).toEqual({ name: 'Ada' })
    expect(codes()).toEqual(['invalid_presence'])
  })

  test('set while connected is reported once, and others keep seeing the state before it', async () => {
    awareness.setLocalState({ name: 'Ada' })
    sender.open()
    await pass(100)
    expect(() => setBad(bad)).not.toThrow()
    const before = other.meta.get(awareness.clientID)?.clock
    await pass(2 * PRESENCE_EXPIRY_MS)
    expect(codes()).toEqual(['invalid_presence'])
    expect(seen()).toEqual({ name: 'Ada' })
    // Its row is renewed at later clocks, because nobody is notified of a row that does not change.
    expect(other.meta.get(awareness.clientID)?.clock).toBeGreaterThan(before ?? 0)
    setNext({ name: 'Eve' })
    await pass(PRESENCE_RECHECK_MS + 100)
    expect(seen()).toEqual({ name: 'Eve' })
  })

  test('prevents neither leaving nor coming back', async () => {
    sender.open()
    setBad(bad)
    await pass(100)
    sender.close()
    sender.open()
    await pass(100)
    awareness.setLocalState(null)
    await pass(100)
    expect(codes()).toEqual(['invalid_presence'])
    awareness.setLocalState({ name: 'Ada' })
    await pass(100)
    expect(seen()).toEqual({ name: 'Ada' })
  })
})

test('each bad state is reported, even if a good one was set in between', async () => {
  sender.open()
  setBad({ a: 1n })
  setBad({ a: 1n })
  awareness.setLocalState({ name: 'Ada' })
  setBad({ a: 1n })
  await pass(100)
  expect(codes()).toEqual(Array(3).fill('invalid_presence'))
})

test('a bad state that the app repairs in place and sets again is sent', async () => {
  const state: Record<string, unknown> = { id: 1n }
  sender.open()
  setBad(state)
  await pass(100)
  state.id = 1
  setBad(state)
  await pass(100)
  expect(seen()).toEqual({ id: 1 })
})

test('an error is not reported before the app can listen', async () => {
  setBad({ id: 1n })
  sender.open()
  expect(errors).toEqual([])
  await pass(0)
  expect(errors).toHaveLength(1)
})

describe('a state that the server refuses as too large', () => {
  const large = () => ({ selection: 'x'.repeat(2_000) })

  test('is reported once and sent once, and others keep seeing the state before it', async () => {
    awareness.setLocalState({ name: 'Ada' })
    sender.open()
    await pass(100)
    awareness.setLocalState(large())
    await pass(100)
    expect(codes()).toEqual(['awareness_too_large'])
    const before = writes.length
    awareness.setLocalState(large())
    await pass(2 * PRESENCE_EXPIRY_MS)
    expect(codes()).toEqual(['awareness_too_large'])
    expect(seen()).toEqual({ name: 'Ada' })
    expect(writes.length - before).toBeLessThanOrEqual(3)
    awareness.setLocalState({ name: 'Eve' })
    await pass(100)
    expect(seen()).toEqual({ name: 'Eve' })
  })

  test('is not renewed forever if it was stored under a larger limit', async () => {
    limit = 10_000
    awareness.setLocalState(large())
    sender.open()
    await pass(100)
    limit = 1_000
    await pass(10 * PRESENCE_HEARTBEAT_MS)
    expect(codes()).toEqual(['awareness_too_large'])
    expect(writes).toHaveLength(2)
  })

  test('is tried again when presence is opened again', async () => {
    awareness.setLocalState(large())
    sender.open()
    await pass(100)
    limit = 10_000
    sender.close()
    sender.open()
    await pass(100)
    expect(seen()).toEqual(large())
  })
})

test('a listener of the app that throws does not end the heartbeats', async () => {
  const consoleError = vi.spyOn(console, 'error').mockImplementation(() => {})
  awareness.setLocalState({ name: 'Ada' })
  sender.open()
  await pass(100)
  awareness.on('update', () => {
    throw new Error('the app')
  })
  // y-protocols renews the state by itself earlier than this client does, and throws in its own timer.
  clearInterval((awareness as unknown as { _checkInterval: NodeJS.Timeout })._checkInterval)
  const before = writes.length
  await pass(2 * PRESENCE_HEARTBEAT_MS)
  expect(writes.length - before).toBeGreaterThanOrEqual(1)
  expect(consoleError).toHaveBeenCalled()
  consoleError.mockRestore()
  awareness._observers.clear()
})
