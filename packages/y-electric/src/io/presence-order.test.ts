// Tests every order in which others join, update and leave while a presence stream ends and the next one
// begins, against a server that holds rows and a log of their changes.
import { afterEach, expect, test } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { isDeep } from '../../../../test/harness/deep.ts'
import { DEFAULT_RETRY } from '../core/retry.ts'
import { ElectricProviderError } from '../errors.ts'
import { encodePresence } from '../protocol/presence-frames.ts'
import type { Clock } from './clock.ts'
import { PresenceReceiver } from './presence-receiver.ts'
import type { FollowOptions } from './shape-reader.ts'

type Action = 'join' | 'update' | 'leave'
/** The actions of others, in order. Bob is present at first, Carol is not. */
type Actions = readonly (readonly [name: 'Bob' | 'Carol', action: Action])[]

/** The stages of this client's stream, in order. */
const STAGES = [
  'stream ends',
  'stream begins',
  'caught up',
  'read begins',
  'read answered',
] as const
type Stage = (typeof STAGES)[number]

/** When the new stream delivers: at once, or only at some stages and at the very end. */
type Delivery = 'at once' | readonly Stage[]
const DELIVERIES: readonly Delivery[] = [
  'at once',
  [],
  ['caught up'],
  ['read begins'],
  ['caught up', 'read begins'],
]
/** Where the new stream begins: at the newest change, or further back, as after a lag. */
const POSITIONS = ['newest', 'lagging'] as const

const awarenesses: Awareness[] = []
afterEach(() => {
  for (const one of awarenesses.splice(0)) one.destroy()
})
function newAwareness(name: string, clientId: number): Awareness {
  const doc = new Y.Doc({ guid: 'presence' })
  doc.clientID = clientId
  const awareness = new Awareness(doc)
  awareness.setLocalState({ name, version: 0 })
  awarenesses.push(awareness)
  return awareness
}

/** The states of all clients, made once: their clocks and versions only grow. */
const STATES = new Map<string, Uint8Array[]>()
const IDS: Record<string, number> = { Me: 1, Bob: 2, Carol: 3, Dave: 4, Eve: 5 }
for (const [name, clientId] of Object.entries(IDS)) {
  const own = newAwareness(name, clientId)
  const states = Array.from({ length: 5 }, (_, version) => {
    own.setLocalState({ name, version })
    return encodeAwarenessUpdate(own, [clientId])
  })
  STATES.set(name, states)
  own.destroy()
}

class World {
  readonly awareness = newAwareness('Me', 1)
  selfGone = 0
  readonly #rows = new Map<string, number>()
  readonly #versions = new Map<string, number>()
  readonly #log: { name: string; version: number | null }[] = []
  #delivered = 0
  #endedAt = 0
  #stream: FollowOptions | null = null
  #isNew = false
  #timers: (() => void)[] = []
  #reads: ((response: Response) => void)[] = []
  #taken: Uint8Array | null = null
  readonly receiver: PresenceReceiver

  constructor() {
    const clock: Clock = {
      now: () => 0,
      random: () => 0.5,
      uuid: () => '',
      after: (ms, task) => {
        // The sweep does not run during the test.
        if (ms < 10_000) this.#timers.push(task)
        return () => {}
      },
    }
    this.receiver = new PresenceReceiver({
      http: {
        send: () => new Promise((resolve) => this.#reads.push(resolve)),
        beacon: () => {},
      },
      clock,
      retry: DEFAULT_RETRY,
      live: 'sse',
      follow: (options) => {
        this.#stream = options
        return { stop: () => {}, reread: () => {} }
      },
      awareness: this.awareness,
      origin: {},
      shapeUrl: '',
      rowsUrl: '',
      onSelfGone: () => {
        this.selfGone += 1
      },
    })
  }

  async start(): Promise<void> {
    for (const name of ['Me', 'Bob', 'Dave'] as const) this.#write(name, 'join')
    this.#delivered = this.#log.length
    this.receiver.open()
    this.#tell({ headers: { control: 'up-to-date' } })
    await this.stage('read begins', 'newest')
    await this.stage('read answered', 'newest')
    this.receiver.hearTab(5, STATES.get('Eve')?.[1] ?? new Uint8Array())
  }

  write(name: string, action: Action, isPrompt: boolean): void {
    this.#write(name, action)
    if (isPrompt && this.#isNew) this.deliver()
  }

  #write(name: string, action: Action): void {
    const version = (this.#versions.get(name) ?? 0) + 1
    this.#versions.set(name, version)
    if (action === 'leave') this.#rows.delete(name)
    else this.#rows.set(name, version)
    this.#log.push({ name, version: action === 'leave' ? null : version })
  }

  async stage(stage: Stage, position: (typeof POSITIONS)[number]): Promise<void> {
    if (stage === 'stream ends') {
      this.#endedAt = this.#log.length
      const error = new ElectricProviderError('network', 'broke off')
      this.#stream?.onEnd({ error, transient: true, position: null })
    } else if (stage === 'stream begins') {
      for (const timer of this.#timers.splice(0)) timer()
      this.#delivered = position === 'newest' ? this.#log.length : this.#endedAt
    } else if (stage === 'caught up') {
      this.#isNew = true
      this.#tell({ headers: { control: 'up-to-date' } })
    } else if (stage === 'read begins') {
      const rows = [...this.#rows].map(([name, version]) => ({
        clientId: IDS[name] ?? 0,
        ageMs: 0,
        data: STATES.get(name)?.[version] ?? new Uint8Array(),
      }))
      this.#taken = encodePresence(rows)
    } else {
      this.#reads.shift()?.(new Response(new Uint8Array(this.#taken ?? [])))
      for (let i = 0; i < 10; i++) await Promise.resolve()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  deliver(): void {
    for (const { name, version } of this.#log.slice(this.#delivered)) {
      const data = version === null ? undefined : STATES.get(name)?.[version]
      const hex = data && { data: `\\x${Buffer.from(data).toString('hex')}` }
      this.#tell({
        headers: { operation: version === null ? 'delete' : 'update' },
        value: { client_id: String(IDS[name]), ...hex },
      })
    }
    this.#delivered = this.#log.length
    this.#tell({ headers: { control: 'up-to-date' } })
  }

  #tell(message: object): void {
    this.#stream?.onMessage(message as Parameters<FollowOptions['onMessage']>[0])
  }

  /** The versions of all clients, as this client sees them and as the server holds them. */
  seen(): Record<string, number> {
    const states = [...this.awareness.getStates()].filter(([id]) => id !== 1)
    return Object.fromEntries(states.map(([, { name, version }]) => [name, version]))
  }

  expected(): Record<string, number> {
    const { Me: _, ...others } = Object.fromEntries(this.#rows)
    return { ...others, Eve: 1 }
  }
}

/** Every possible sequence of this many actions. */
function everyActions(length: number, isHere = { Bob: true, Carol: false }): Actions[] {
  if (length === 0) return [[]]
  return (['Bob', 'Carol'] as const).flatMap((name) => {
    const possible: readonly Action[] = isHere[name] ? ['update', 'leave'] : ['join']
    return possible.flatMap((action) =>
      everyActions(length - 1, { ...isHere, [name]: action !== 'leave' }).map(
        (rest): Actions => [[name, action], ...rest],
      ),
    )
  })
}

/** Every way to spread `count` actions over the gaps before, between and after the stages. */
function everyGaps(count: number, gaps = STAGES.length + 1): number[][] {
  if (gaps === 1) return [[count]]
  return Array.from({ length: count + 1 }, (_, first) => first).flatMap((first) =>
    everyGaps(count - first, gaps - 1).map((rest) => [first, ...rest]),
  )
}

async function run(
  actions: Actions,
  gaps: readonly number[],
  delivery: Delivery,
  position: (typeof POSITIONS)[number],
): Promise<void> {
  const world = new World()
  await world.start()
  const staying = [
    'Dave',
    'Eve',
    ...(actions.some(([, action]) => action === 'leave') ? [] : ['Bob']),
  ]
  const where = () => JSON.stringify({ actions, gaps, delivery, position })
  const check = () => {
    const seen = world.seen()
    const missing = staying.filter((name) => seen[name] === undefined)
    if (missing.length > 0) throw new Error(`${missing} vanished: ${where()}`)
  }
  let next = 0
  for (const [index, count] of gaps.entries()) {
    for (const [name, action] of actions.slice(next, next + count)) {
      world.write(name, action, delivery === 'at once')
      check()
    }
    next += count
    const stage = STAGES[index]
    if (stage === undefined) continue
    await world.stage(stage, position)
    if (delivery !== 'at once' && delivery.includes(stage)) world.deliver()
    check()
  }
  world.deliver()
  const [seen, expected] = [world.seen(), world.expected()].map((all) =>
    JSON.stringify(Object.entries(all).sort()),
  )
  if (seen !== expected) throw new Error(`${expected} expected, seen are ${seen}: ${where()}`)
  if (world.selfGone > 0) throw new Error(`the own row was missed: ${where()}`)
  world.receiver.close()
  world.awareness.destroy()
}

/** The test waits for nothing, so this bounds only a hang. On a busy machine it has taken 63 s. */
const LIMIT_MS = 300_000

test.each(isDeep ? [1, 2, 3] : [1, 2])(
  'after a new stream began, exactly the clients with a row are seen, in every order of %i actions',
  async (length) => {
    let runs = 0
    for (const actions of everyActions(length)) {
      // Three actions have many orders: only the shortest and the longest delay are tested.
      const deliveries = length < 3 ? DELIVERIES : DELIVERIES.slice(0, 2)
      const orders = everyGaps(length).flatMap((gaps) =>
        deliveries.flatMap((delivery) =>
          POSITIONS.map((position) => run(actions, gaps, delivery, position)),
        ),
      )
      await Promise.all(orders)
      runs += orders.length
    }
    expect(runs).toBeGreaterThan(100)
  },
  LIMIT_MS,
)
