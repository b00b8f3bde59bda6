// A page of a simulated browser, as the platform of a real provider: timers, locks, channels, events and a
// network. They behave as the specifications require for pages that are hidden, frozen or closed.
import { Chance } from '../kernel/chance.ts'
import type { Lease } from '../kernel/copies.ts'
import type { TaskOwner, Timeline } from '../kernel/timeline.ts'
import { type Platform, takeElectricClient } from './electric.ts'
import type { SimulatedLocks } from './locks.ts'

/** The part of the browser that its pages use. */
export interface PageHost {
  readonly options: {
    readonly name: string
    readonly seed: number
    readonly timeline: Timeline
    readonly hasLocks: boolean
    readonly lease: Lease
    readonly network: {
      send(
        page: SimulatedPage,
        input: string | URL | Request,
        init?: RequestInit,
      ): Promise<Response>
    }
  }
  readonly locks: SimulatedLocks
  readonly isOnline: boolean
  hasLostStore: boolean
  hasUncompared: boolean
  wasStoreDamaged: boolean
  readonly now: () => number
  openChannel(name: string, page: SimulatedPage): ReturnType<NonNullable<Platform['openChannel']>>
  /** Removes a page that has ended. */
  forget(page: SimulatedPage): void
}

export type { Platform } from './electric.ts'

/** Timers of hidden pages run only at full seconds. */
const HIDDEN_CLAMP_MS = 1_000

export class SimulatedPage implements TaskOwner {
  readonly browser: PageHost
  readonly name: string
  readonly events = new EventTarget()
  readonly chance: Chance
  readonly #timeline: Timeline
  #lifecycle: 'running' | 'frozen' | 'gone' = 'running'
  #isHidden = false
  /** Called when the connections of this page break. */
  readonly connections = new Set<() => void>()
  /** Requests in flight. */
  readonly requests = new Set<URL>()
  /** Whether an operation of the device store has failed. Later edits of the page are kept only in memory. */
  hasLostStore = false
  /** Commits to the device store that have not ended. */
  openCommits = 0
  /** Whether it ended while its device store lacked something that it had recorded. */
  hasLostCommit = false
  /** Whether the store has returned damaged data to this page. */
  isStoreDamaged = false
  /** Whether the runtime fails to create ids now. */
  #hasNoIds = false
  /** Whether a step of the ledger has failed, because the runtime created no id. */
  hasFailedStep = false
  /** Whether the app has replaced refused batches with new ones (`resend()`). */
  hasResent = false

  constructor(browser: PageHost, name: string) {
    this.browser = browser
    this.name = name
    this.#timeline = browser.options.timeline
    this.chance = Chance.of(browser.options.seed, name)
  }

  get isGone(): boolean {
    return this.#lifecycle === 'gone'
  }

  get isFrozen(): boolean {
    return this.#lifecycle === 'frozen'
  }

  readonly runsAt = (due: number): number => (this.#lifecycle === 'running' ? due : Infinity)

  readonly run = (task: () => void): void => task()

  /** The owner of timers. The browser delays timers, but no other tasks, while the page is hidden. */
  readonly #timers: TaskOwner = {
    runsAt: (due) => {
      const at = this.runsAt(due)
      if (!this.#isHidden || !Number.isFinite(at)) return at
      return Math.ceil(at / HIDDEN_CLAMP_MS) * HIDDEN_CLAMP_MS
    },
    run: (task) => task(),
  }

  /** Runs a function in this page as a separate task, unless the page has ended by then. */
  task(work: () => void): void {
    this.#timeline.after(0, this, work)
  }

  /** Runs a function while the runtime fails to create ids. */
  withoutIds(work: () => void): void {
    this.#hasNoIds = true
    work()
    this.#hasNoIds = false
  }

  readonly #uuid = (): string => {
    if (!this.#hasNoIds) return this.chance.uuid()
    this.hasFailedStep = true
    throw new Error('the runtime has no randomness')
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
    this.#timeline.forget(this)
    this.#timeline.forget(this.#timers)
    this.browser.forget(this)
    this.requests.clear()
    this.connections.clear()
  }

  breakConnections(): void {
    for (const breakOff of [...this.connections]) breakOff()
  }

  dispatch(name: string): void {
    this.events.dispatchEvent(new Event(name))
  }

  /** The platform of the provider in this page. */
  platform(): Platform {
    const { browser, events, chance } = this
    const after = (ms: number, task: () => void) => this.#timeline.after(ms, this.#timers, task)
    const globals = {
      timeline: this.#timeline,
      owner: this.#timers,
      now: browser.now,
      random: chance.number,
    }
    const locks = browser.options.hasLocks ? browser.locks.of(this) : null
    return {
      clock: { now: browser.now, random: chance.number, uuid: this.#uuid, after },
      fetch: (input, init) => browser.options.network.send(this, input, init),
      locks: () => locks as LockManager | null,
      openChannel: (name) => browser.openChannel(name, this),
      hasWorkers: () => false,
      startWorker: (kind) => (kind === 'alarm' ? this.#alarm() : null),
      page: {
        window: events,
        document: events,
        isVisible: () => !this.#isHidden,
        isOnline: () => browser.isOnline,
        location: () => null,
      },
      ShapeStream: takeElectricClient(globals, browser.options.lease),
    }
  }

  /** The worker of a page whose timers are on time even if the page is hidden. */
  #alarm(): ReturnType<Platform['startWorker']> {
    let cancel = (): void => {}
    const worker: NonNullable<ReturnType<Platform['startWorker']>> = {
      onmessage: null,
      onerror: null,
      postMessage: (ms) => {
        cancel()
        cancel = this.#timeline.after(Number(ms), this, () =>
          worker.onmessage?.(new MessageEvent('message')),
        )
      },
      terminate: () => cancel(),
    }
    return worker
  }
}
