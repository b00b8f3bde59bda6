// Browsers and their pages in one Node process, as an environment for the real provider: Web Locks,
// BroadcastChannel, page lifecycle, timers and a network, with what the specifications say of pages
// that are hidden, frozen or gone. A provider is given its page as its `platform` (platform.ts); time is
// virtual.
import { SimulatedLocks } from '../simulation/browsers/locks.ts'
import type { TaskOwner, Timeline } from '../simulation/kernel/timeline.ts'

/** Answers a request that has reached the server. */
export type Serve = (url: URL, init: RequestInit) => Promise<Response>

export interface BrowserOptions {
  readonly timeline: Timeline
  readonly random: () => number
  readonly serve: Serve
  /** How long the timers of hidden pages may rest, in milliseconds; 0: they do not. */
  readonly hiddenClampMs?: number
  /** Whether there are Web Locks: not in old browsers, nor on pages that came by plain HTTP. Default: true. */
  readonly hasLocks?: boolean
  /** Whether pages may have workers: a content security policy may forbid them. Default: true. */
  readonly hasWorkers?: boolean
}

/** One way through the network takes up to this long, in milliseconds. */
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
  /** What `navigator.locks` is in this page. */
  readonly locks: ReturnType<SimulatedLocks['of']> | null
  readonly events = new EventTarget()
  readonly #timers = new Map<number, () => void>()
  readonly #breaks = new Set<() => void>()
  #lastTimer = 0
  #lifecycle: 'running' | 'frozen' | 'gone' = 'running'
  #isHidden = false
  /** What becomes of the next posts. */
  readonly answersToLose: number[] = []
  /** Requests that are under way. */
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

  /** Runs something in this page, now. */
  run<T>(work: () => T): T {
    return work()
  }

  readonly runsAt = (due: number): number => (this.#lifecycle === 'running' ? due : Infinity)

  /** Runs something in this page as a task of its own; never, if it is gone by then. */
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

  /** It is gone at once: a crash, or the end of a page that was told before. */
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
      // On its way it is nobody's: it arrives though the page may be gone.
      timeline.after(latency(), NETWORK, async () => {
        if (signal?.aborted && init.method !== 'POST') return
        const response = await serve(url, { ...init, signal: signal ?? null }).catch(() => null)
        // Given up by the page, which knows.
        if (response === null) return
        if (!this.browser.isOnline || isLost) return breakOff()
        timeline.after(latency(), this, () => settle(() => resolve(response)))
      })
    })
  }
}

const NETWORK: TaskOwner = { runsAt: (due) => due, run: (task) => task() }

/** Messages reach all others of the name, one task each, in order; never the sender. */
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

/** The alarm worker of a page: its timers are on time however hidden the page is. */
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
