import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { DEFAULT_RETRY } from '../core/retry.ts'
import { ElectricProviderError } from '../errors.ts'
import { encodePresence, type PresenceRow } from '../protocol/presence-frames.ts'
import { systemClock } from './clock.ts'
import { PresenceReceiver } from './presence-receiver.ts'
import type { FollowOptions } from './shape-reader.ts'

let awareness: Awareness
let others: Awareness[]
let receiver: PresenceReceiver
let streams: (FollowOptions & { isStopped: boolean })[]
let rows: PresenceRow[]
/** Reads of the rows that wait for their answers. */
let reads: ((response?: Response) => void)[]
let selfGone: number

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
  streams = []
  rows = []
  reads = []
  others = []
  selfGone = 0
  awareness = new Awareness(new Y.Doc())
  receiver = new PresenceReceiver({
    http: {
      send: () => {
        const taken = new Uint8Array(encodePresence(rows))
        return new Promise((resolve) => {
          reads.push((response = new Response(taken)) => resolve(response))
        })
      },
      beacon: () => {},
    },
    clock: systemClock,
    retry: DEFAULT_RETRY,
    live: 'sse',
    follow: (options) => {
      const stream = { ...options, isStopped: false }
      streams.push(stream)
      const stop = () => {
        stream.isStopped = true
      }
      return { stop, reread: () => {} }
    },
    awareness,
    origin: {},
    shapeUrl: 'http://stub.test/awareness',
    rowsUrl: 'http://stub.test/awareness/rows',
    onSelfGone: () => {
      selfGone += 1
    },
  })
})
afterEach(() => {
  receiver.close()
  for (const one of [awareness, ...others]) one.destroy()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

function person(name: string) {
  const own = new Awareness(new Y.Doc())
  own.setLocalState({ name })
  others.push(own)
  const id = own.clientID
  const data = () => encodeAwarenessUpdate(own, [id])
  return {
    id,
    row: (ageMs = 0): PresenceRow => ({ clientId: id, ageMs, data: data() }),
    says: (operation = 'update') =>
      tell({
        headers: { operation },
        value: { client_id: String(id), data: `\\x${Buffer.from(data()).toString('hex')}` },
      }),
    leaves: () => tell({ headers: { operation: 'delete' }, value: { client_id: String(id) } }),
    moves: () => own.setLocalStateField('cursor', Math.random()),
  }
}
const stream = () => {
  const last = streams.at(-1)
  if (last === undefined || last.isStopped) throw new Error('nothing is followed')
  return last
}
const tell = (message: object) =>
  stream().onMessage(message as Parameters<FollowOptions['onMessage']>[0])
const caughtUp = () => tell({ headers: { control: 'up-to-date' } })
const answerRows = async (response?: Response) => {
  reads.shift()?.(response)
  await pass(0)
}
const seen = () =>
  [...awareness.getStates()]
    .filter(([id]) => id !== awareness.clientID)
    .map(([, state]) => state.name)

describe('a joiner', () => {
  test('takes the offset first and sees everyone who is present', async () => {
    rows = [person('Bob').row(36_000), person('Carol').row()]
    receiver.open()
    expect(stream().start).toBe('now')
    expect(reads).toHaveLength(0)
    caughtUp()
    caughtUp()
    expect(reads).toHaveLength(1)
    await answerRows()
    expect(seen()).toEqual(['Bob', 'Carol'])
  })

  test('ignores rows that are older than the expiry, and forgets the others when they expire', async () => {
    rows = [person('Gone').row(37_000), person('Silent').row(30_000)]
    receiver.open()
    caughtUp()
    await answerRows()
    expect(seen()).toEqual(['Silent'])
    await pass(8_000)
    expect(seen()).toEqual([])
  })

  test('does not show a client that left while the rows were being read', async () => {
    const bob = person('Bob')
    rows = [bob.row()]
    receiver.open()
    caughtUp()
    bob.leaves()
    await answerRows()
    expect(seen()).toEqual([])
    bob.says('insert')
    expect(seen()).toEqual(['Bob'])
  })

  test('keeps a client that left and came back meanwhile', async () => {
    const bob = person('Bob')
    rows = [bob.row()]
    receiver.open()
    caughtUp()
    bob.leaves()
    bob.moves()
    bob.says('insert')
    await answerRows()
    expect(seen()).toEqual(['Bob'])
  })

  test('does not replace newer messages by an older row', async () => {
    const bob = person('Bob')
    rows = [bob.row()]
    receiver.open()
    caughtUp()
    bob.moves()
    bob.says()
    const cursor = awareness.getStates().get(bob.id)?.cursor
    await answerRows()
    expect(awareness.getStates().get(bob.id)?.cursor).toBe(cursor)
    expect(cursor).toBeDefined()
  })

  test('reads again when the rows cannot be read', async () => {
    rows = [person('Bob').row()]
    receiver.open()
    caughtUp()
    await answerRows(new Response('<html>'))
    await pass(10_000)
    caughtUp()
    await answerRows(new Response(null, { status: 503 }))
    await pass(10_000)
    caughtUp()
    await answerRows()
    expect(seen()).toEqual(['Bob'])
    expect(streams).toHaveLength(3)
  })
})

describe('a silent client', () => {
  test('is forgotten within 40 s, and a client with heartbeats is kept past the timeout of y-protocols', async () => {
    const [bob, carol] = [person('Bob'), person('Carol')]
    receiver.open()
    caughtUp()
    await answerRows()
    bob.says('insert')
    carol.says('insert')
    await pass(29_000)
    bob.moves()
    bob.says()
    await pass(7_000)
    expect(seen()).toEqual(['Bob', 'Carol'])
    await pass(3_000)
    expect(seen()).toEqual(['Bob'])
    await pass(25_000)
    expect(seen()).toEqual(['Bob'])
    await pass(4_000)
    expect(seen()).toEqual([])
  })

  test('is seen at once when it comes back, whatever its clock', async () => {
    const bob = person('Bob')
    receiver.open()
    bob.says('insert')
    await pass(40_000)
    expect(seen()).toEqual([])
    bob.says()
    expect(seen()).toEqual(['Bob'])
  })
})

describe('the own row', () => {
  test('never removes the own state', () => {
    awareness.setLocalState({ name: 'Ada' })
    receiver.open()
    tell({ headers: { operation: 'delete' }, value: { client_id: String(awareness.clientID) } })
    expect(awareness.getLocalState()).toEqual({ name: 'Ada' })
    awareness.setLocalStateField('cursor', 1)
    expect(awareness.getLocalState()).toEqual({ name: 'Ada', cursor: 1 })
    expect(selfGone).toBe(1)
  })

  test('is reported as missing if it is not among the rows', async () => {
    receiver.open()
    caughtUp()
    rows = [person('Bob').row()]
    await answerRows()
    expect(selfGone).toBe(1)
  })

  test('is not reported as missing if it is among the rows', async () => {
    rows = [{ clientId: awareness.clientID, ageMs: 0, data: new Uint8Array() }]
    receiver.open()
    caughtUp()
    await answerRows()
    expect(selfGone).toBe(0)
  })
})

describe('the stream', () => {
  const end = (status: number, transient: boolean) =>
    stream().onEnd({
      error: new ElectricProviderError('bad_response', 'ended', { status }),
      transient,
      position: null,
    })

  test('is followed by another one when it breaks, and all rows are read again', async () => {
    receiver.open()
    caughtUp()
    await answerRows()
    end(503, true)
    rows = [person('Bob').row()]
    await pass(10_000)
    caughtUp()
    await answerRows()
    expect(seen()).toEqual(['Bob'])
  })

  test('is restarted after must-refetch', async () => {
    receiver.open()
    tell({ headers: { control: 'must-refetch' } })
    expect(streams[0]?.isStopped).toBe(true)
    await pass(1_000)
    expect(streams).toHaveLength(2)
    stream()
  })

  test('stays closed after a refusal until it is opened again', async () => {
    receiver.open()
    end(403, false)
    await pass(5 * 60_000)
    expect(streams).toHaveLength(1)
    receiver.open()
    expect(streams).toHaveLength(2)
    caughtUp()
    rows = [person('Bob').row()]
    receiver.open()
    expect(streams).toHaveLength(2)
  })

  test.each([
    [403, 'forbidden', false],
    [410, 'deleted', false],
    [404, 'x', true],
    [400, 'x', true],
    [503, 'internal', true],
  ])('restarts after an answer of %i %s to a read of the rows: %s', async (status, code, again) => {
    receiver.open()
    caughtUp()
    await answerRows(Response.json({ error: { code, message: '' } }, { status }))
    expect(streams[0]?.isStopped).toBe(true)
    await pass(60_000)
    expect(streams.length > 1).toBe(again)
  })

  test('is requested less and less often if it must be refetched each time', async () => {
    receiver.open()
    for (let step = 0; step < 600; step++) {
      const last = streams.at(-1)
      if (last?.isStopped === false) tell({ headers: { control: 'must-refetch' } })
      await pass(100)
    }
    // A minute of full jitter with waits of up to 5 s.
    expect(streams.length).toBeLessThan(60)
  })

  test('shows nobody after a refusal except other tabs of this browser', () => {
    const carol = person('Carol')
    receiver.open()
    caughtUp()
    person('Bob').says('insert')
    receiver.hearTab(carol.id, carol.row().data)
    expect(seen()).toEqual(['Bob', 'Carol'])
    // Between its last poll and this one, the document was deleted together with all presence
    // rows.
    end(410, false)
    expect(seen()).toEqual(['Carol'])
  })

  test('is ended by close, and then nobody is seen', async () => {
    receiver.open()
    caughtUp()
    person('Bob').says('insert')
    receiver.close()
    expect(seen()).toEqual([])
    expect(streams[0]?.isStopped).toBe(true)
    reads.shift()?.(new Response(new Uint8Array(encodePresence([person('Late').row()]))))
    await pass(10_000)
    expect(seen()).toEqual([])
    expect(streams).toHaveLength(1)
  })
})

test('an unreadable state neither shows nor hides anybody', () => {
  receiver.open()
  person('Bob').says('insert')
  tell({ headers: { operation: 'insert' }, value: { client_id: '5', data: '\\x0105' } })
  tell({ headers: { operation: 'insert' }, value: { client_id: 'x', data: '\\x00' } })
  expect(seen()).toEqual(['Bob'])
})

test('a refusal of a read from before a reconnect does not end showing others', async () => {
  const ada = person('Ada')
  receiver.open()
  stream().onMessage({ headers: { control: 'up-to-date' } })
  await pass(10)
  // The app has signed in again, and the answer to the read is still on its way.
  receiver.interrupt()
  receiver.open()
  reads.at(-1)?.(new Response(null, { status: 403 }))
  await pass(10)
  rows = [ada.row()]
  stream().onMessage({ headers: { control: 'up-to-date' } })
  await pass(10)
  reads.at(-1)?.()
  await pass(10)
  expect(awareness.getStates().get(ada.id)).toEqual({ name: 'Ada' })
})
