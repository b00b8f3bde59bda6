// Browsers and their pages in one Node process, as an environment for the real provider: Web Locks,
// BroadcastChannel, page lifecycle, timers and a network. They behave as the specifications require for
// pages that are hidden, frozen or closed. A provider gets its page as its `platform` (platform.ts). Time
// is virtual.
import { SimulatedLocks } from '../simulation/browsers/locks.ts'
import type { TaskOwner, Timeline } from '../simulation/kernel/timeline.ts'

/** Answers a request that has reached the server. */
export type Serve = (url: URL, init: RequestInit) => Promise<Response>

export interface BrowserOptions {
  readonly timeline: Timeline
  readonly random: () => number
  readonly serve: Serve
  /** The most that timers of hidden pages are delayed, in milliseconds; 0 for no delay. */
  readonly hiddenClampMs?: number
  /** Whether there are Web Locks. Old browsers and pages over plain HTTP have none. Default: true. */
  readonly hasLocks?: boolean
  /** Whether pages may have workers. A content security policy may forbid them. Default: true. */
  readonly hasWorkers?: boolean
}

/** The longest time of a request or an answer in the network, in milliseconds. */
const MAX_LATENCY_MS = 20

export class SimulatedBrowser {
  readonly options: BrowserOptions
  readonly locks = new SimulatedLocks()
  readonly pages = new Set<SimulatedPage>()
  readonly channels = new Set<SimulatedChannel>()
  #isOnline = true

  constructor(options: BrowserOptions) {
    this.options = options
  }

  get isOnline(): boolean {
    return this.#isOnline
  }

  open(): SimulatedPage {
    const page = new SimulatedPage(this)
    this.pages.add(page)
    return page
  }

  setOnline(isOnline: boolean): void {
    if (this.#isOnline === isOnline) return
    this.#isOnline = isOnline
    for (const page of this.pages) {
      if (!isOnline) page.breakConnections()
      page.task(() => page.dispatch(isOnline ? 'online' : 'offline'))
    }
  }
}

export class SimulatedPage implements TaskOwner {
  readonly browser: SimulatedBrowser
  /** The value of `navigator.locks` in this page. */
  readonly locks: ReturnType<SimulatedLocks['of']> | null
  readonly events = new EventTarget()
  readonly #timers = new Map<number, () => void>()
  readonly #breaks = new Set<() => void>()
  #lastTimer = 0
  #lifecycle: 'running' | 'frozen' | 'gone' = 'running'
  #isHidden = false
  /** One entry for each of the next posts whose answer is lost. */
  readonly answersToLose: number[] = []
  /** Requests in flight. */
  readonly requests = new Set<URL>()

  constructor(browser: SimulatedBrowser) {
    this.browser = browser
    const { hasLocks = true } = browser.options
    this.locks = hasLocks ? browser.locks.of(this) : null
  }

  get isGone(): boolean {
    return this.#lifecycle === 'gone'
  }

  get isFrozen(): boolean {
    return this.#lifecycle === 'frozen'
  }

  get visibilityState(): 'visible' | 'hidden' {
    return this.#isHidden ? 'hidden' : 'visible'
  }

  /** Runs a function in this page at once. */
  run<T>(work: () => T): T {
    return work()
  }

  readonly runsAt = (due: number): number => (this.#lifecycle === 'running' ? due : Infinity)

  /** Runs a function in this page as a separate task, unless the page has ended by then. */
  task(work: () => void): void {
    this.browser.options.timeline.after(0, this, work)
  }

  setHidden(isHidden: boolean): void {
    if (this.isGone || this.#isHidden === isHidden) return
    this.#isHidden = isHidden
    this.task(() => this.dispatch('visibilitychange'))
  }

  setFrozen(isFrozen: boolean): void {
    if (!this.isGone) this.#lifecycle = isFrozen ? 'frozen' : 'running'
  }

  /** Ends the page at once: a crash, or the end of a page after its events. */
  end(): void {
    this.#lifecycle = 'gone'
    this.browser.pages.delete(this)
    for (const channel of this.browser.channels) if (channel.page === this) channel.close()
    this.browser.locks.forget(this)
    this.requests.clear()
    this.#breaks.clear()
  }

  breakConnections(): void {
    for (const breakOff of [...this.#breaks]) breakOff()
  }

  dispatch(name: string): void {
    this.run(() => this.events.dispatchEvent(new Event(name)))
  }

  setTimer(task: () => void, ms: number): number {
    const id = ++this.#lastTimer
    const { timeline, hiddenClampMs = 0 } = this.browser.options
    const owner: TaskOwner = {
      run: (work) => this.run(work),
      runsAt: (due) => {
        const at = this.runsAt(due)
        const isClamped = this.#isHidden && hiddenClampMs > 0
        return isClamped && Number.isFinite(at) ? Math.ceil(at / hiddenClampMs) * hiddenClampMs : at
      },
    }
    const cancel = timeline.after(ms, owner, () => {
      this.#timers.delete(id)
      task()
    })
    this.#timers.set(id, cancel)
    return id
  }

  clearTimer(id: number): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
  }

  get timers(): number {
    return this.#timers.size
  }

  readonly fetch: typeof fetch = (input, init = {}) => {
    const { timeline, random, serve } = this.browser.options
    const url = new URL(input instanceof Request ? input.url : input)
    const latency = () => Math.ceil(random() * MAX_LATENCY_MS)
    const { signal } = init
    return new Promise<Response>((resolve, reject) => {
      if (this.isGone) return
      this.requests.add(url)
      const settle = (how: () => void) => {
        this.requests.delete(url)
        this.#breaks.delete(breakOff)
        how()
      }
      const fail = () => settle(() => reject(new TypeError('fetch failed')))
      const breakOff = () => this.task(fail)
      this.#breaks.add(breakOff)
      signal?.addEventListener('abort', () => settle(() => reject(signal.reason)))
      if (signal?.aborted) return settle(() => reject(signal.reason))
      if (!this.browser.isOnline) return breakOff()
      const isLost = init.method === 'POST' && this.answersToLose.shift() !== undefined
      // A request in flight arrives even if its page has ended.
      timeline.after(latency(), NETWORK, async () => {
        if (signal?.aborted && init.method !== 'POST') return
        const response = await serve(url, { ...init, signal: signal ?? null }).catch(() => null)
        // The page has aborted the request, and knows the result.
        if (response === null) return
        if (!this.browser.isOnline || isLost) return breakOff()
        timeline.after(latency(), this, () => settle(() => resolve(response)))
      })
    })
  }
}

const NETWORK: TaskOwner = { runsAt: (due) => due, run: (task) => task() }

/** Delivers messages in order to all other channels of the same name, one task each. */
export class SimulatedChannel {
  readonly name: string
  readonly page: SimulatedPage
  onmessage: ((event: MessageEvent) => void) | null = null

  constructor(name: string, page: SimulatedPage) {
    this.name = name
    this.page = page
    page.browser.channels.add(this)
  }

  postMessage(message: unknown): void {
    if (this.page.isGone) return
    for (const other of this.page.browser.channels) {
      if (other === this || other.name !== this.name) continue
      const data = structuredClone(message)
      other.page.task(() => {
        if (other.page.browser.channels.has(other))
          other.onmessage?.(new MessageEvent('message', { data }))
      })
    }
  }

  close(): void {
    this.page.browser.channels.delete(this)
  }
}

/** The worker of a page whose timers are on time even if the page is hidden. */
export class SimulatedWorker {
  onmessage: ((event: MessageEvent) => void) | null = null
  onerror = null
  readonly #page: SimulatedPage
  #cancel: () => void = () => {}

  constructor(page: SimulatedPage) {
    this.#page = page
  }

  postMessage(ms: unknown): void {
    this.#cancel()
    const { timeline } = this.#page.browser.options
    this.#cancel = timeline.after(Number(ms), this.#page, () =>
      this.onmessage?.(new MessageEvent('message')),
    )
  }

  terminate(): void {
    this.#cancel()
  }
}
