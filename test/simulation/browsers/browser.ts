// A browser: its tabs, the locks and channels that they share, its clock, its device store, and whether it
// is online.
import type { Lease } from '../kernel/copies.ts'
import type { Timeline } from '../kernel/timeline.ts'
import type { Trace } from '../kernel/trace.ts'
import type { Network } from '../network/network.ts'
import { SimulatedChannel } from './channel.ts'
import { SimulatedLocks } from './locks.ts'
import { SimulatedPage } from './page.ts'

export interface BrowserOptions {
  readonly name: string
  readonly seed: number
  readonly timeline: Timeline
  readonly trace: Trace
  readonly network: Network
  /** Whether Web Locks exist. Old browsers and pages over plain HTTP have none. */
  readonly hasLocks: boolean
  readonly lease: Lease
}

export class SimulatedBrowser {
  readonly options: BrowserOptions
  readonly locks = new SimulatedLocks()
  readonly pages = new Set<SimulatedPage>()
  readonly channels = new Set<SimulatedChannel>()
  #isOnline = true
  /** Whether the device store of some page has failed. */
  hasLostStore = false
  /** Whether a page ended before it had compared what another persistence loaded: the next page sends it. */
  hasUncompared = false
  /** Whether the device store has returned damaged data to some page. */
  wasStoreDamaged = false
  /** The difference between this browser's clock and the time of the world. */
  #skewMs = 0
  /** The time that the clock shows while it is stopped; null while it runs. */
  #stoodStillAt: number | null = null
  #openedPages = 0

  constructor(options: BrowserOptions) {
    this.options = options
  }

  get isOnline(): boolean {
    return this.#isOnline
  }

  /** The clock of this device. */
  readonly now = (): number => this.#stoodStillAt ?? this.options.timeline.now() + this.#skewMs

  jumpClock(ms: number): void {
    this.#skewMs += ms
  }

  setClockRunning(isRunning: boolean): void {
    if (isRunning === (this.#stoodStillAt === null)) return
    this.#stoodStillAt = isRunning ? null : this.now()
  }

  open(): SimulatedPage {
    const page = new SimulatedPage(this, `${this.options.name}${++this.#openedPages}`)
    this.pages.add(page)
    return page
  }

  openChannel(name: string, page: SimulatedPage): SimulatedChannel {
    const channel = new SimulatedChannel(name, page, this.channels)
    this.channels.add(channel)
    return channel
  }

  /** Removes a page that has ended, with its locks and channels. */
  forget(page: SimulatedPage): void {
    this.pages.delete(page)
    for (const channel of this.channels) if (channel.page === page) channel.close()
    this.locks.forget(page)
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
