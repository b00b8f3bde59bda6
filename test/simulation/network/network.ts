// The network between browsers and servers. It delays and thereby reorders all messages, and loses, doubles,
// truncates and cuts those for which a fault is planned.
import type { SimulatedPage } from '../browsers/page.ts'
import { NOBODY } from '../kernel/timeline.ts'
import type { Trace } from '../kernel/trace.ts'
import { BROWSER_HEADER } from '../rights.ts'
import { Exchange, failed } from './exchange.ts'
import { describeRequest, type NetworkFault, type PlannedFault } from './faults.ts'
import { type Relaying, relay } from './stream.ts'

/** The part of a server that the network uses. */
export interface Answerer {
  readonly isDead: boolean
  serve(request: Request): Promise<Response>
  /** Registers a callback for the end of the process. The returned function removes it. */
  onDeath(tell: () => void): () => void
}

export interface NetworkOptions extends Relaying {
  readonly trace: Trace
  readonly servers: () => readonly Answerer[]
  /** Called when a server has received a request, before it answers. */
  readonly onRequest: (page: SimulatedPage, request: Request, body: Uint8Array | null) => void
  /** Called when a server has answered, before the network delivers or loses the answer. */
  readonly onAnswer: (page: SimulatedPage, request: Request, response: Response) => void
}

/** Created once, because creating an error for each request takes longer than the request. */
const CLIENT_IS_GONE = new DOMException('the client is gone', 'AbortError')

/** The longest time of a request or an answer in the network, in milliseconds. */
const MAX_LATENCY_MS = 20
/** The delay of a late request, in milliseconds, after which its sender may have aborted it. */
const LATE_MS = 12_000
/** The time after which a sender notices a dead connection, in milliseconds. */
const DEAD_MS = 1_000

export class Network {
  readonly options: NetworkOptions
  readonly #planned = new Map<string, PlannedFault[]>()
  readonly #aborters: AbortController[] = []

  constructor(options: NetworkOptions) {
    this.options = options
  }

  /** Plans a fault for the next request of the route by a page of the browser. */
  plan(browser: string, fault: PlannedFault): void {
    this.#planned.set(browser, [...(this.#planned.get(browser) ?? []), fault])
  }

  heal(): void {
    this.#planned.clear()
  }

  /**
   * Aborts every request of a run that has ended. Node keeps a signal of `AbortSignal.any` that has listeners
   * until it is aborted. A server that has ended finishes no request, so its signals would keep all objects
   * of their requests in memory.
   */
  end(): void {
    for (const aborter of this.#aborters) aborter.abort(CLIENT_IS_GONE)
  }

  #faultOf(page: SimulatedPage, route: string): NetworkFault | null {
    const planned = this.#planned.get(page.browser.options.name) ?? []
    const at = planned.findIndex((one) => one.route === route || one.route === 'any')
    if (at < 0) return null
    return planned.splice(at, 1)[0]?.fault ?? null
  }

  send(
    page: SimulatedPage,
    input: string | URL | Request,
    init: RequestInit = {},
  ): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input)
    const { timeline, trace } = this.options
    const { signal, method = 'GET' } = init
    const { route, text } = describeRequest(method, url)
    return new Promise((resolve, reject) => {
      if (page.isGone) return
      const exchange = new Exchange(page, url, { resolve, reject })
      if (signal?.aborted) return exchange.fail(signal.reason)
      signal?.addEventListener('abort', () => exchange.fail(signal.reason))
      if (!page.browser.isOnline) return page.task(() => exchange.fail(failed()))
      const fault = this.#faultOf(page, route)
      trace.note(page.name, fault === null ? text : `${text} (${fault})`)
      const fail = (ms: number) => timeline.after(ms, page, () => exchange.fail(failed()))
      if (fault === 'lose the request') return void fail(DEAD_MS)
      const latency = () => Math.ceil(page.chance.number() * MAX_LATENCY_MS)
      const deliver = async () => {
        const response = await this.#ask(page, url, init, exchange)
        const status = response === null ? 'no answer' : response.status
        trace.note(page.name, `${text} → ${status}${exchange.isOver ? ' (given up)' : ''}`)
        if (exchange.isOver) return void response?.body?.cancel().catch(() => {})
        if (response === null || fault === 'lose the answer') return void fail(DEAD_MS)
        if (!page.browser.isOnline) return void fail(0)
        const late = fault === 'answer late' ? LATE_MS / 3 : 0
        const answer = await relay(
          page,
          response,
          exchange,
          fault === 'truncate the answer',
          this.options,
        )
        timeline.after(latency() + late, page, () => exchange.succeed(answer))
      }
      const ms = latency() + (fault === 'deliver the request late' ? LATE_MS : 0)
      if (fault === 'answer 503 on the way' || fault === 'answer with a login page') {
        const html = { 'content-type': 'text/html' }
        const status = fault === 'answer with a login page' ? 200 : 503
        const answer = new Response('<form>', { status, headers: html })
        return void timeline.after(ms, page, () => exchange.succeed(answer))
      }
      // A request in flight arrives even if its page has ended.
      timeline.after(ms, NOBODY, () => void deliver())
      if (fault === 'double the request' && method !== 'GET') {
        timeline.after(ms + latency() * 10, NOBODY, () => void this.#askTwice(page, url, init))
      }
    })
  }

  /** The second answer is not read. */
  async #askTwice(page: SimulatedPage, url: URL, init: RequestInit): Promise<void> {
    const response = await this.#ask(page, url, init, null)
    await response?.body?.cancel().catch(() => {})
  }

  /** @returns null if no server answers, or if the chosen one ends meanwhile */
  async #ask(
    page: SimulatedPage,
    url: URL,
    init: RequestInit,
    exchange: Exchange | null,
  ): Promise<Response | null> {
    const alive = this.options.servers().filter(({ isDead }) => !isDead)
    if (alive.length === 0 || (exchange?.isOver && (init.method ?? 'GET') === 'GET')) return null
    const server = page.chance.pick(alive)
    const aborter = new AbortController()
    this.#aborters.push(aborter)
    if (exchange !== null) exchange.onOver = () => aborter.abort(CLIENT_IS_GONE)
    const { signal: _, cache: __, keepalive: ___, ...rest } = init
    const headers = new Headers(init.headers)
    headers.set(BROWSER_HEADER, page.browser.options.name)
    const request = new Request(url, { ...rest, headers, signal: aborter.signal })
    const body = init.body instanceof Uint8Array ? init.body : null
    this.options.onRequest(page, request, body)
    const death = new Promise<null>((resolve) => {
      const forget = server.onDeath(() => {
        forget()
        exchange?.breakOff()
        resolve(null)
      })
    })
    const answer = server.serve(request).catch(() => null)
    const response = await Promise.race([answer, death])
    if (response !== null) this.options.onAnswer(page, request, response)
    return response
  }
}
