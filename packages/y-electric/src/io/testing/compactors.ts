// Many compactors of one document on a clock that the test moves, with a server that only counts
// requests.

import * as Y from 'yjs'
import {
  type CompactionPolicy,
  DEFAULT_COMPACTION,
  EMPTY_TALLY,
  type Tally,
  tallyRow,
  tallySeal,
} from '../../core/compaction.ts'
import { STATE_MEDIA_TYPE } from '../../protocol/headers.ts'
import { encodeState } from '../../protocol/state-frames.ts'
import type { Clock } from '../clock.ts'
import { Compactor } from '../compactor.ts'
import type { Http } from '../http.ts'
import { systemPlatform } from '../platform.ts'
import { parseApiUrl } from '../url.ts'

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A clock that only the test moves; each client may read it with an offset. */
export class VirtualClock {
  now = 0
  #tasks: { at: number; task: () => void }[] = []

  clockOf(offset: number, random: () => number): Clock {
    return {
      now: () => this.now + offset,
      random,
      uuid: () => '',
      after: (ms, task) => {
        const entry = { at: this.now + ms, task }
        this.#tasks.push(entry)
        return () => {
          this.#tasks = this.#tasks.filter((other) => other !== entry)
        }
      },
    }
  }

  get pending(): number {
    return this.#tasks.length
  }

  /** Advances to `until`; promise callbacks of one task run before the next task. */
  async moveTo(until: number): Promise<void> {
    for (;;) {
      const at = Math.min(...this.#tasks.map((entry) => entry.at))
      if (at > until) break
      this.now = at
      const due = this.#tasks.filter((entry) => entry.at === at)
      this.#tasks = this.#tasks.filter((entry) => entry.at !== at)
      for (const { task } of due) task()
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
    }
    this.now = until
  }
}

export interface Client {
  readonly id: number
  readonly compactor: Compactor
  isDead: boolean
  mayWrite: boolean
  tally: Tally
}

type Request = 'roll' | 'state' | 'list' | 'fold'

function kindOf(method: string | undefined, url: string): Request {
  if (url.endsWith('/segments')) return 'roll'
  if (url.endsWith('/state')) return 'state'
  return method === 'POST' ? 'fold' : 'list'
}

export interface CrowdOptions {
  readonly count: number
  readonly seed: number
  readonly policy?: Partial<CompactionPolicy>
  /** The other clients that a client knows; null: none. Default: all living ones. */
  readonly peersOf?: (client: number, all: readonly Client[]) => readonly number[] | null
  /** The offset of a client's clock, in milliseconds. */
  readonly offsetOf?: (client: number) => number
  readonly answer?: (request: Request, client: number) => Response | null
}

/** The requests of the clients. */
export interface Counts {
  rolls: number
  states: number
  lists: number
  folds: number
  /** Rolls and folds that were refused because another client was first. */
  conflicts: number
}

const zero = (): Counts => ({ rolls: 0, states: 0, lists: 0, folds: 0, conflicts: 0 })

/** An empty snapshot row: this server does not check it. */
const NOTHING = Y.encodeStateAsUpdateV2(new Y.Doc({ guid: 'empty' }))

const conflict = (): Response =>
  Response.json({ error: { code: 'segment_conflict', message: '' } }, { status: 409 })

export class Crowd {
  readonly clock = new VirtualClock()
  readonly clients: Client[] = []
  readonly policy: CompactionPolicy
  counts = zero()
  /** The clients that rolled, oldest first. */
  readonly winners: number[] = []
  #active = 0
  #folded = -1
  readonly #options: CrowdOptions

  constructor(options: CrowdOptions) {
    this.#options = options
    this.policy = { ...DEFAULT_COMPACTION, ...options.policy }
    for (let i = 0; i < options.count; i++) this.#add(Math.imul(i + 1, 0x9e3779b1) >>> 0, i)
    for (const { compactor } of this.clients) compactor.start()
  }

  get sealedWaiting(): number {
    return this.#active - 1 - this.#folded
  }

  /** Shows this many rows of the active segment to all clients. */
  write(rows: number, bytes = 100): void {
    let added = EMPTY_TALLY
    for (let i = 0; i < rows; i++) added = tallyRow(added, bytes)
    for (const client of this.clients) {
      const { tally } = client
      client.tally = { ...tally, rows: tally.rows + added.rows, bytes: tally.bytes + added.bytes }
    }
  }

  kill(client: Client): void {
    client.isDead = true
    client.compactor.stop()
  }

  /** Runs one interval and returns the requests made in it. */
  async interval(): Promise<Counts> {
    this.counts = zero()
    const { everyMs } = this.policy
    await this.clock.moveTo((Math.floor((this.clock.now + 1) / everyMs) + 1) * everyMs - 1)
    return this.counts
  }

  #add(id: number, index: number): void {
    const { seed, peersOf, offsetOf } = this.#options
    const random = seededRandom(seed + index)
    const client: Client = {
      id,
      isDead: false,
      mayWrite: true,
      tally: EMPTY_TALLY,
      compactor: new Compactor({
        mayWrite: () => client.mayWrite,
        platform: systemPlatform,
        http: this.#httpOf(id),
        clock: this.clock.clockOf(offsetOf?.(index) ?? 0, random),
        api: parseApiUrl('http://crowd.test'),
        docId: 'doc',
        clientId: id,
        policy: this.policy,
        gc: () => true,
        peers: () =>
          peersOf === undefined
            ? this.clients.filter(({ isDead }) => !isDead).map((other) => other.id)
            : peersOf(id, this.clients),
        tally: () => client.tally,
        onFolded: (snapshotBytes) => {
          client.tally = { ...client.tally, snapshotBytes, isSealedWaiting: false }
        },
        onReport: () => {},
      }),
    }
    this.clients.push(client)
  }

  #httpOf(client: number): Http {
    return {
      send: async (url, { method, body }) => this.#answer(client, method, url, body),
      beacon: () => {},
    }
  }

  #answer(client: number, method: string | undefined, url: string, body: unknown): Response {
    const kind = kindOf(method, url)
    this.counts[`${kind}s`]++
    const answer = this.#options.answer?.(kind, client) ?? null
    if (answer !== null) return answer
    if (kind === 'roll') return this.#roll(client, JSON.parse(String(body)).active)
    if (kind === 'state') return this.#state()
    const through = this.#folded
    if (kind === 'list') {
      const snapshots = through < 0 ? [] : [{ throughSegment: through, bytes: NOTHING.byteLength }]
      return Response.json({ snapshots })
    }
    if (this.sealedWaiting === 0) {
      this.counts.conflicts++
      return conflict()
    }
    this.#folded = this.#active - 1
    return Response.json({}, { status: 201 })
  }

  #roll(client: number, active: number): Response {
    if (active !== this.#active) {
      this.counts.conflicts++
      return conflict()
    }
    this.#active++
    this.winners.push(client)
    for (const other of this.clients) other.tally = tallySeal(other.tally)
    return Response.json({ active: this.#active }, { status: 201 })
  }

  #state(): Response {
    const snapshot =
      this.#folded < 0 ? null : { seq: 1, throughSegment: this.#folded, data: NOTHING }
    const bytes = encodeState({ activeSegment: this.#active, snapshot, rows: [] })
    return new Response(new Uint8Array(bytes), {
      headers: { 'content-type': STATE_MEDIA_TYPE },
    })
  }
}
