// Sessions of one document with a server of rows. One seed decides when each request arrives, when
// its answer returns, and what is lost.
import * as Y from 'yjs'
import type { Clock } from '../../io/clock.ts'
import type { Http, HttpInit } from '../../io/http.ts'
import { ModuleLoader } from '../../io/module-loader.ts'
import { systemPlatform } from '../../io/platform.ts'
import { seededRandom } from '../../io/testing/compactors.ts'
import { unreachable } from '../../io/unreachable.ts'
import { parseApiUrl } from '../../io/url.ts'
import { UrlWarnings } from '../../io/url-warnings.ts'
import { MAX_DOCUMENT_STRUCTS, MAX_UPDATE_BYTES } from '../../protocol/limits.ts'
import { Session } from '../session.ts'
import { RowServer } from './row-server.ts'

interface Timer {
  readonly at: number
  readonly task: () => void
}

export interface Person {
  readonly name: string
  readonly doc: Y.Doc
  readonly text: Y.Text
  readonly session: Session
}

const BASE = 'http://twins.test'
const TWIN = 4711
/** Timers that end later than this do not run while requests wait. Milliseconds. */
const SOON_MS = 1_000
/** A world that is not settled after this many requests, answers and timers never will be. */
const MAX_STEPS = 5_000
/** Iterations of the event loop in which pending promises run. */
const ITERATIONS = 4
/**
 * How often a world in which nothing moves is checked again: bodies are read outside the event
 * loop.
 */
const MAX_IDLE = 500

const lost = (): Error => unreachable(BASE, new Error('lost on the way'), 0, systemPlatform.page)

export class TwinWorld {
  readonly random: () => number
  readonly server = new RowServer()
  readonly people: readonly Person[]
  /** Share of the requests, and of the answers, that is lost. */
  losses = 0
  /** Rows arrive as soon as they are stored; only writes and reads of state are delayed. */
  readonly #isStreamFast: boolean
  #now = 0
  #timers: Timer[] = []
  #waiting: (() => void)[] = []
  #uuids = 0
  /** The last row that each person has received in an answer. */
  readonly #received = new Map<string, number>()

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.#isStreamFast = seed % 2 === 0
    const names = ['a', 'b', 'c'].slice(0, 2 + this.below(2))
    this.people = names.map((name) => this.#join(name))
  }

  below(n: number): number {
    return Math.floor(this.random() * n)
  }

  /**
   * Folds what everybody has read: a fold that others have not read leaves no trace of the writers.
   */
  fold(): void {
    if (this.people.every((person) => this.#hasRead(person))) this.server.fold()
  }

  /** One request or answer advances, or a timer ends. */
  async step(): Promise<void> {
    const timer = this.#nextTimer(SOON_MS)
    const at = this.below(this.#waiting.length + (timer === null ? 0 : 1))
    const go = this.#waiting.splice(at, 1)[0]
    if (go !== undefined) go()
    else if (timer !== null) this.#run(timer)
    await this.flush()
  }

  /**
   * Resolves when all are saved, connected or refused, and nothing is in flight. @throws if that
   * never happens
   */
  async settle(): Promise<void> {
    let idle = 0
    for (let i = 0; i < MAX_STEPS && idle < MAX_IDLE; i++) {
      await this.flush()
      const timer = this.#nextTimer(Number.POSITIVE_INFINITY)
      const go = this.#waiting.shift()
      if (go !== undefined) go()
      else if (this.people.every(isSettled)) return
      else if (timer !== null) this.#run(timer)
      else {
        idle++
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    }
    const facts = this.people.map(({ session }) => session.facts())
    throw new Error(`the world does not settle: ${JSON.stringify(facts)}`)
  }

  /** Lets pending promises run. */
  async flush(): Promise<void> {
    for (let i = 0; i < ITERATIONS; i++) await new Promise((resolve) => setImmediate(resolve))
  }

  async close(): Promise<void> {
    for (const { session } of this.people) await session.destroy()
  }

  #join(name: string): Person {
    const doc = new Y.Doc({ guid: 'twin' })
    doc.clientID = TWIN
    const session = new Session({
      api: parseApiUrl(BASE),
      docId: 'doc',
      doc,
      origin: {},
      http: this.#http(name),
      clock: this.#clock(),
      platform: systemPlatform,
      modules: new ModuleLoader({
        clock: this.#clock(),
        retry: { baseMs: 1, maxMs: 1 },
        onError: () => {},
      }),
      live: 'long-poll',
      retry: { baseMs: 1, maxMs: 1 },
      maxUpdateBytes: MAX_UPDATE_BYTES,
      maxDocumentStructs: MAX_DOCUMENT_STRUCTS,
      onFacts: () => {},
      onError: () => {},
      urlWarnings: new UrlWarnings('doc'),
      compaction: null,
      awareness: null,
      userName: null,
      tabs: false,
      warnOnClose: false,
      persistence: null,
      onCompaction: () => {},
    })
    session.open()
    return { name, doc, text: doc.getText('body'), session }
  }

  /**
   * A person's own edits have the same ids as the rows of others, so only answers show whether
   * those rows arrived.
   */
  #hasRead({ name, doc, session }: Person): boolean {
    const { status, synced } = session.facts()
    if (status === 'refused') return true
    const { rows } = this.server
    const ends = rows.flatMap(({ data }) => Y.decodeUpdate(data).structs)
    return (
      synced &&
      rows.every(({ seq }) => seq <= (this.#received.get(name) ?? 0)) &&
      ends.every(({ id, length }) => Y.getState(doc.store, id.client) >= id.clock + length)
    )
  }

  #nextTimer(within: number): Timer | null {
    const [first] = [...this.#timers].sort((a, b) => a.at - b.at)
    return first !== undefined && first.at <= this.#now + within ? first : null
  }

  #run(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
    this.#now = Math.max(this.#now, timer.at)
    timer.task()
  }

  #clock(): Clock {
    return {
      now: () => this.#now,
      random: this.random,
      uuid: () => `batch ${++this.#uuids}`,
      after: (ms, task) => {
        const timer = { at: this.#now + ms, task }
        this.#timers.push(timer)
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer)
        }
      },
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #http(name: string): Http {
    return {
      send: async (url, init) => {
        const answer = this.#answer(name, new URL(url), init)
        answer.catch(() => {})
        const { signal } = init
        if (!signal) return answer
        const aborted = new Promise<never>((_, reject) => {
          if (signal.aborted) reject(signal.reason)
          signal.addEventListener('abort', () => reject(signal.reason))
        })
        return Promise.race([answer, aborted])
      },
      beacon: () => {},
    }
  }

  /** A request that was given up still arrives. */
  async #answer(name: string, url: URL, init: HttpInit): Promise<Response> {
    const isStream = url.pathname.includes('/segments/')
    if (this.#isStreamFast && isStream) {
      const response = await this.server.respond(url, init)
      this.#receive(name, this.#lastIn(url, response))
      return response
    }
    const luck = this.random()
    await this.#turn()
    if (luck < this.losses) throw lost()
    const response = await this.server.respond(url, init)
    const last = this.#lastIn(url, response)
    await this.#turn()
    if (luck < 2 * this.losses) throw lost()
    this.#receive(name, last)
    return response
  }

  #receive(name: string, seq: number): void {
    this.#received.set(name, Math.max(seq, this.#received.get(name) ?? 0))
  }

  /** The last row that an answer brings or follows; 0 if the answer brings no rows. */
  #lastIn({ pathname }: URL, { headers }: Response): number {
    if (pathname.endsWith('/state')) return Math.max(0, ...this.server.rows.map(({ seq }) => seq))
    return Number(headers.get('electric-offset')?.split('_')[0] ?? 0)
  }
}

function isSettled({ session }: Person): boolean {
  const { saved, status } = session.facts()
  return saved && (status === 'connected' || status === 'refused')
}
