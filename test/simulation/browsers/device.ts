// The device store of one browser. Every operation takes some time and may fail, and a page may end between
// any two of them. The stored data survives all pages.
import { type DeviceStore, memory, type Persistence } from 'y-electric'
import { Chance } from '../kernel/chance.ts'
import { NOBODY, type Timeline } from '../kernel/timeline.ts'
import type { Trace } from '../kernel/trace.ts'
import type { SimulatedPage } from './page.ts'

/** The longest time of an operation, in milliseconds. */
const MAX_MS = 20

export class SimulatedDevice {
  readonly #store = memory()
  readonly #timeline: Timeline
  readonly #trace: Trace
  readonly #chance: Chance
  readonly #opened = new Map<SimulatedPage, DeviceStore[]>()
  /** The number of the next operations that fail. */
  #failures = 0
  /** The time until which commits wait. */
  #stalledUntil = 0

  constructor(name: string, seed: number, timeline: Timeline, trace: Trace) {
    this.#timeline = timeline
    this.#trace = trace
    this.#chance = Chance.of(seed, `device of ${name}`)
  }

  failNext(count: number): void {
    this.#failures = count
  }

  stall(ms: number): void {
    this.#stalledUntil = this.#timeline.now() + ms
  }

  heal(): void {
    this.#failures = 0
    this.#stalledUntil = 0
  }

  /** Ends a page: its unfinished operations never happen, and other pages may adopt its edits. */
  async crash(page: SimulatedPage): Promise<void> {
    for (const store of this.#opened.get(page) ?? []) await store.close()
    this.#opened.delete(page)
  }

  persistence(page: SimulatedPage): Persistence {
    return {
      open: async (key, onLost) => {
        await this.#takeTime(page, 'open')
        const store = await this.#store.open(key, onLost)
        this.#opened.set(page, [...(this.#opened.get(page) ?? []), store])
        return {
          load: async () => {
            await this.#takeTime(page, 'load')
            return store.load()
          },
          commit: async (change) => {
            await this.#takeTime(page, 'commit')
            await store.commit(change)
          },
          takeOver: async () => {
            await this.#takeTime(page, 'take over')
            return store.takeOver()
          },
          close: async () => {
            await this.#takeTime(page, 'close')
            await store.close()
          },
        }
      },
    }
  }

  async #takeTime(page: SimulatedPage, what: string): Promise<void> {
    const rest = what === 'commit' ? Math.max(0, this.#stalledUntil - this.#timeline.now()) : 0
    await this.#timeline.sleep(rest + this.#chance.below(MAX_MS + 1), NOBODY)
    // A page that has ended does nothing more. A frozen page has made its request already.
    if (page.isGone) return new Promise(() => {})
    if (this.#failures > 0) {
      this.#failures -= 1
      page.hasLostStore = true
      page.browser.hasLostStore = true
      this.#trace.note(page.name, `the device fails to ${what}`)
      throw new Error(`the device fails to ${what}`)
    }
  }
}
