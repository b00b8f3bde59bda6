// Time that passes only when the test says so. What is due belongs to a page, which may be frozen,
// hidden or gone by then; or to nobody, as the network does.

/** Decides when something of its owner can run that is due at a moment; infinity: not now. */
export interface TaskOwner {
  readonly runsAt: (due: number) => number
  readonly run: (task: () => void) => void
}

interface Entry {
  readonly due: number
  readonly order: number
  readonly owner: TaskOwner
  readonly task: () => void
}

export const NOBODY: TaskOwner = { runsAt: (due) => due, run: (task) => task() }

const realImmediate = globalThis.setImmediate
/** This many turns of the real loop without anything new, and all promises have done their work. */
const QUIET_TURNS = 3

export class Timeline {
  #now = Date.UTC(2026, 0, 1)
  #order = 0
  /** Rises with everything that the environment is asked for. */
  #activity = 0
  readonly #entries = new Set<Entry>()

  now(): number {
    return this.#now
  }

  /** The returned function takes it back. */
  at(due: number, owner: TaskOwner, task: () => void): () => void {
    this.#activity += 1
    const entry = { due, order: ++this.#order, owner, task }
    this.#entries.add(entry)
    return () => void this.#entries.delete(entry)
  }

  after(ms: number, owner: TaskOwner, task: () => void): () => void {
    return this.at(this.#now + Math.max(0, ms), owner, task)
  }

  /** Lets this much time pass, and everything happen that is due in it. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await this.settle()
      const next = this.#next()
      if (next === null || next.at > until) break
      this.#now = Math.max(this.#now, next.at)
      this.#entries.delete(next.entry)
      next.entry.owner.run(next.entry.task)
    }
    this.#now = until
  }

  /** Until promises have nothing more to do. */
  async settle(): Promise<void> {
    let seen = this.#activity
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await new Promise<void>((resolve) => realImmediate(resolve))
      if (this.#activity !== seen) {
        seen = this.#activity
        quiet = 0
      }
    }
  }

  #next(): { readonly at: number; readonly entry: Entry } | null {
    let best: { readonly at: number; readonly entry: Entry } | null = null
    for (const entry of this.#entries) {
      const at = entry.owner.runsAt(entry.due)
      if (!Number.isFinite(at)) continue
      if (best === null || at < best.at || (at === best.at && entry.order < best.entry.order)) {
        best = { at, entry }
      }
    }
    return best
  }
}
