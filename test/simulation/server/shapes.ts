// A test double of Electric: its HTTP API over the log of the database double. Like Electric, it receives
// commits late, may stall, and may drop a shape.
import type { DatabaseDouble } from '../database/database.ts'
import type { Commit } from '../database/tables.ts'
import { Chance } from '../kernel/chance.ts'
import { NOBODY, type Timeline } from '../kernel/timeline.ts'
import { type ShapeDefinition, ShapeLog, type ShapeMessage, schemaOf } from './shape-log.ts'

/** The longest time of a long poll without news, and of a stream, in milliseconds. */
const LONG_POLL_MS = 20_000
const STREAM_MS = 60_000
const KEEP_ALIVE_MS = 21_000
/** The longest time until the service receives a commit, in milliseconds. */
const MAX_LAG_MS = 6

const ENCODER = new TextEncoder()

export class ShapeServiceDouble {
  readonly #timeline: Timeline
  readonly #database: DatabaseDouble
  readonly #chance: Chance
  readonly #shapes = new Map<string, ShapeLog>()
  readonly #listeners = new Set<() => void>()
  /** The open streams; the value is true for a stream that stopped delivering but does not end. */
  readonly #silent = new Map<() => void, boolean>()
  /** The position up to which the service has seen all commits. */
  #seen = 0
  #stalledUntil = 0
  #madeShapes = 0
  /** Replaces the messages of an answer, to plant a fault. */
  alter: (messages: readonly ShapeMessage[]) => readonly ShapeMessage[] = (messages) => messages

  constructor(timeline: Timeline, database: DatabaseDouble, seed: number) {
    this.#timeline = timeline
    this.#database = database
    this.#chance = Chance.of(seed, 'shapes')
    database.onCommit.push((commit) => this.#onCommit(commit))
  }

  /** Makes the service receive no commit for some time. */
  stall(ms: number): void {
    this.#stalledUntil = this.#timeline.now() + ms
  }

  /** Drops all shapes. Their readers get must-refetch. */
  forget(): void {
    this.#shapes.clear()
    this.#tell()
  }

  /** Makes every open stream stop delivering without ending, as behind a proxy that has lost its upstream. */
  silence(): void {
    for (const look of this.#silent.keys()) this.#silent.set(look, true)
  }

  #onCommit({ lsn }: Commit): void {
    const rest = Math.max(0, this.#stalledUntil - this.#timeline.now())
    const see = () => {
      if (this.#stalledUntil > this.#timeline.now()) {
        this.#timeline.after(this.#stalledUntil - this.#timeline.now(), NOBODY, see)
        return
      }
      this.#seeUntil(lsn)
    }
    this.#timeline.after(rest + this.#chance.below(MAX_LAG_MS), NOBODY, see)
  }

  #seeUntil(lsn: number): void {
    if (lsn <= this.#seen) return
    for (const commit of this.#database.log.slice(this.#seen, lsn)) {
      for (const shape of this.#shapes.values()) shape.see(commit)
    }
    this.#seen = lsn
    this.#tell()
  }

  #tell(): void {
    for (const tell of [...this.#listeners]) tell()
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const query = new URL(request.url).searchParams
    const definition = definitionOf(query)
    const shape = this.#shapeOf(definition)
    const handle = query.get('handle')
    if (handle !== null && handle !== shape.handle) return mustRefetch(shape.handle)
    const offset = query.get('offset') ?? '-1'
    if (offset === 'now') return this.#answer(shape, [], false)
    const from = offset === '-1' ? null : Number(offset.split('_')[0])
    const isLive = query.get('live') === 'true'
    if (isLive && query.get('live_sse') === 'true') return this.#stream(shape, from, request.signal)
    if (isLive && shape.after(from).length === 0) {
      await this.#news(shape, from, request.signal)
      // As `fetch` does, which this function replaces.
      if (request.signal.aborted) throw request.signal.reason
      if (this.#shapeOf(definition).handle !== shape.handle) {
        return mustRefetch(this.#shapeOf(definition).handle)
      }
    }
    return this.#answer(shape, shape.after(from), isLive)
  }

  #shapeOf(definition: ShapeDefinition): ShapeLog {
    const name = JSON.stringify(definition)
    const there = this.#shapes.get(name)
    if (there !== undefined) return there
    const handle = `${++this.#madeShapes}-${this.#chance.below(1_000_000)}`
    const made = new ShapeLog(handle, definition, this.#database, this.#seen, this.#chance)
    this.#shapes.set(name, made)
    return made
  }

  #news(shape: ShapeLog, from: number | null, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#listeners.delete(look)
        cancel()
        resolve()
      }
      const look = () => {
        if (this.#isNews(shape, from)) done()
      }
      const cancel = this.#timeline.after(LONG_POLL_MS, NOBODY, done)
      this.#listeners.add(look)
      signal.addEventListener('abort', done)
    })
  }

  #isNews(shape: ShapeLog, from: number | null): boolean {
    return shape.after(from).length > 0 || this.#isForgotten(shape)
  }

  #isForgotten(shape: ShapeLog): boolean {
    return this.#shapes.get(JSON.stringify(shape.definition)) !== shape
  }

  #headers(shape: ShapeLog, isLive: boolean): Record<string, string> {
    return {
      'electric-handle': shape.handle,
      'electric-offset': `${this.#seen}_0`,
      'electric-schema': schemaOf(shape.definition),
      ...(isLive ? { 'electric-cursor': String(this.#seen) } : {}),
    }
  }

  #upToDate(): ShapeMessage {
    return { headers: { control: 'up-to-date', global_last_seen_lsn: String(this.#seen) } }
  }

  #answer(shape: ShapeLog, messages: readonly ShapeMessage[], isLive: boolean): Response {
    const headers = { ...this.#headers(shape, isLive), 'electric-up-to-date': '' }
    return Response.json([...this.alter(messages), this.#upToDate()], { headers })
  }

  #stream(shape: ShapeLog, from: number | null, signal: AbortSignal): Response {
    let told = from
    let end = (): void => {}
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const write = (text: string) => controller.enqueue(ENCODER.encode(text))
        const look = () => {
          if (this.#silent.get(look)) return
          if (this.#isForgotten(shape)) return end()
          const messages = shape.after(told)
          if (messages.length === 0) return
          told = this.#seen
          write([...this.alter(messages), this.#upToDate()].map(eventOf).join(''))
        }
        const cancels = [
          this.#timeline.after(KEEP_ALIVE_MS, NOBODY, () => write(': keep-alive\n\n')),
          this.#timeline.after(STREAM_MS, NOBODY, () => {
            if (!this.#silent.get(look)) end()
          }),
        ]
        end = () => {
          end = () => {}
          this.#listeners.delete(look)
          this.#silent.delete(look)
          for (const cancel of cancels) cancel()
          controller.close()
        }
        this.#listeners.add(look)
        this.#silent.set(look, false)
        signal.addEventListener('abort', () => end())
        look()
      },
      cancel: () => {
        end()
      },
    })
    const headers = { ...this.#headers(shape, true), 'content-type': 'text/event-stream' }
    return new Response(body, { headers })
  }
}

const eventOf = (message: ShapeMessage): string => `data: ${JSON.stringify(message)}\n\n`

function definitionOf(query: URLSearchParams): ShapeDefinition {
  const segment = query.get('params[2]')
  return {
    table: query.get('table') as ShapeDefinition['table'],
    docId: query.get('params[1]') ?? '',
    segment: segment === null ? null : Number(segment),
    log: query.get('log') === 'changes_only' ? 'changes_only' : 'full',
  }
}

const mustRefetch = (handle: string): Response =>
  Response.json([{ headers: { control: 'must-refetch' } }], {
    status: 409,
    headers: { 'electric-handle': handle },
  })
