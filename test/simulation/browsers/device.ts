// The device store of one browser. Every operation takes some time and may fail, and a page may end between
// any two of them. The stored data survives all pages.
import { type DeviceDocument, type DeviceStore, memory, type Persistence } from 'y-electric'
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
  /** The number of the next loads that return damaged data. */
  #damages = 0
  /** Commits wait until this time. */
  #stalledUntil = 0

  constructor(name: string, seed: number, timeline: Timeline, trace: Trace) {
    this.#timeline = timeline
    this.#trace = trace
    this.#chance = Chance.of(seed, `device of ${name}`)
  }

  failNext(count: number): void {
    this.#failures = count
  }

  damageNext(count: number): void {
    this.#damages = count
  }

  stall(ms: number): void {
    this.#stalledUntil = this.#timeline.now() + ms
  }

  heal(): void {
    this.#failures = 0
    this.#damages = 0
    this.#stalledUntil = 0
  }

  /** Ends a page: its unfinished operations never happen, and other pages may adopt its edits. */
  async crash(page: SimulatedPage): Promise<void> {
    page.hasLostCommit ||= page.openCommits > 0
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
            return this.#damaged(page, await store.load())
          },
          commit: async (change) => {
            page.openCommits += 1
            try {
              await this.#takeTime(page, 'commit')
              await store.commit(change)
            } finally {
              page.openCommits -= 1
            }
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

  /** Changes one byte, or cuts off the end, of one stored value. */
  #damaged(page: SimulatedPage, kept: DeviceDocument): DeviceDocument {
    const { updates, batches } = kept
    if (this.#damages === 0 || updates.length + batches.length === 0) return kept
    this.#damages -= 1
    page.isStoreDamaged = true
    page.browser.wasStoreDamaged = true
    this.#trace.note(page.name, 'the device returns damaged data')
    const place = this.#chance.below(updates.length + batches.length)
    const damage = (bytes: Uint8Array): Uint8Array => {
      if (this.#chance.happens(0.5)) return bytes.slice(0, this.#chance.below(bytes.byteLength))
      const changed = bytes.slice()
      const at = this.#chance.below(changed.byteLength)
      changed[at] = (changed[at] ?? 0) ^ (1 + this.#chance.below(255))
      return changed
    }
    return {
      ...kept,
      updates: updates.map((bytes, i) => (i === place ? damage(bytes) : bytes)),
      batches: batches.map((batch, i) =>
        i + updates.length === place ? { ...batch, update: damage(batch.update) } : batch,
      ),
    }
  }

  async #takeTime(page: SimulatedPage, what: string): Promise<void> {
    const rest = what === 'commit' ? Math.max(0, this.#stalledUntil - this.#timeline.now()) : 0
    await this.#timeline.sleep(rest + this.#chance.below(MAX_MS + 1), NOBODY)
    // A page that has ended does nothing more. A frozen page has already made its request.
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
