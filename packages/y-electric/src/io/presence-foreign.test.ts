// Other clients may write anything, and listeners of the app may throw: neither stops the
// receiver.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { PRESENCE_EXPIRY_MS } from '../core/presence.ts'
import { DEFAULT_RETRY } from '../core/retry.ts'
import { systemClock } from './clock.ts'
import { PresenceReceiver } from './presence-receiver.ts'
import type { FollowOptions } from './shape-reader.ts'

let awareness: Awareness
let other: Awareness
let receiver: PresenceReceiver
let stream: FollowOptions
let isStopped: boolean

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
  vi.spyOn(console, 'error').mockImplementation(() => {})
  isStopped = false
  awareness = new Awareness(new Y.Doc())
  other = new Awareness(new Y.Doc())
  other.setLocalState({ name: 'Bob' })
  receiver = new PresenceReceiver({
    http: { send: () => new Promise(() => {}), beacon: () => {} },
    clock: systemClock,
    retry: DEFAULT_RETRY,
    live: 'sse',
    follow: (options) => {
      stream = options
      return {
        stop: () => {
          isStopped = true
        },
        reread: () => {},
      }
    },
    awareness,
    origin: {},
    shapeUrl: 'http://stub.test/awareness',
    rowsUrl: 'http://stub.test/awareness/rows',
    onSelfGone: () => {},
  })
  receiver.open()
})
afterEach(() => {
  receiver.close()
  awareness._observers.clear()
  awareness.destroy()
  other.destroy()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const row = (clientId: number, data: Uint8Array) =>
  stream.onMessage({
    key: '',
    headers: { operation: 'update' },
    value: { client_id: String(clientId), data: `\\x${Buffer.from(data).toString('hex')}` },
  } as Parameters<FollowOptions['onMessage']>[0])
const bob = () => encodeAwarenessUpdate(other, [other.clientID])
const seen = () => [...awareness.getStates().keys()].filter((id) => id !== awareness.clientID)

test('a row with the state of another client, of several clients or of this one shows nobody', () => {
  awareness.setLocalState({ name: 'Ada' })
  row(7, bob())
  const impostor = new Awareness(new Y.Doc())
  impostor.clientID = awareness.clientID
  for (let i = 0; i < 10; i++) impostor.setLocalState({ name: 'Mallory', i })
  row(7, encodeAwarenessUpdate(impostor, [awareness.clientID]))
  impostor.states.set(7, { name: 'Mallory' })
  impostor.meta.set(7, { clock: 1, lastUpdated: 0 })
  row(7, encodeAwarenessUpdate(impostor, [7, awareness.clientID]))
  receiver.hearTab(7, encodeAwarenessUpdate(impostor, [7, awareness.clientID]))
  impostor.destroy()
  expect(seen()).toEqual([])
  expect(awareness.getLocalState()).toEqual({ name: 'Ada' })
})

test('rows that cannot be read or are not objects hide no other row', () => {
  const texts = ['"Bob"', '7', 'true', '{', '', 'undefined']
  const rows = texts.map((text) => [1, 7, 1, text.length, ...Buffer.from(text)])
  for (const bytes of [[], [0], [1], [255, 255, 255], ...rows]) row(7, new Uint8Array(bytes))
  row(other.clientID, bob())
  expect(seen()).toEqual([other.clientID])
})

test('a deeply nested state does not end the stream', () => {
  const depth = 7_000
  const text = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const encode = (clock: number) => {
    const own = new Awareness(new Y.Doc())
    own.clientID = 7
    own.states.set(7, {})
    own.meta.set(7, { clock, lastUpdated: 0 })
    const empty = encodeAwarenessUpdate(own, [7])
    own.destroy()
    const head = empty.subarray(0, empty.length - 3)
    const length = [(text.length & 127) | 128, ((text.length >> 7) & 127) | 128, text.length >> 14]
    return new Uint8Array([...head, ...length, ...Buffer.from(text)])
  }
  row(7, encode(1))
  row(7, encode(2))
  row(other.clientID, bob())
  expect(seen()).toContain(other.clientID)
})

test('a throwing listener of the app neither keeps others on the screen nor prevents closing', async () => {
  row(other.clientID, bob())
  awareness.on('change', () => {
    throw new Error('the app')
  })
  other.setLocalState({ name: 'Bob', cursor: 1 })
  row(other.clientID, bob())
  expect(awareness.getStates().get(other.clientID)).toEqual({ name: 'Bob', cursor: 1 })
  // y-protocols removes clients in a timer of its own, so a listener that throws there is not caught here.
  clearInterval((awareness as unknown as { _checkInterval: NodeJS.Timeout })._checkInterval)
  await vi.advanceTimersByTimeAsync(PRESENCE_EXPIRY_MS + 1_000)
  expect(seen()).toEqual([])
  row(other.clientID, bob())
  expect(seen()).toEqual([other.clientID])
  receiver.close()
  expect([seen(), isStopped]).toEqual([[], true])
  expect(console.error).toHaveBeenCalled()
})
