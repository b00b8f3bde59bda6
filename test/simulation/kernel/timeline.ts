// Virtual time. Nothing in a simulation happens but by an entry of this timeline, so the order of all
// events is decided here, and is the same for the same seed.

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

/** The owner of what no page or server can stop: the network, the database, the shape service. */
export const NOBODY: TaskOwner = { runsAt: (due) => due, run: (task) => task() }

const nextTurn = globalThis.setImmediate
/**
 * After this many turns of the real event loop without anything new, all promises have settled: microtasks
 * are done within one.
 */
const QUIET_TURNS = 1

/** So many tasks without time passing are an endless loop. */
const MOST_AT_ONCE = 20_000

/** A run takes a few thousand tasks. One that asks for more than this does not come to an end. */
export const MOST_TASKS = 60_000

/** Tasks follow each other without end. */
export class Livelock extends Error {
  override readonly name = 'Livelock'
}

export const START = Date.UTC(2026, 0, 1)

export class Timeline {
  #now = START
  #order = 0
  /** How many tasks the environment was asked for. */
  #activity = 0
  readonly #mostTasks: number
  readonly #entries = new Set<Entry>()

  constructor(mostTasks: number = MOST_TASKS) {
    this.#mostTasks = mostTasks
  }

  readonly now = (): number => this.#now

  get tasks(): number {
    return this.#activity
  }

  /** The returned function cancels it. */
  at(due: number, owner: TaskOwner, task: () => void): () => void {
    this.#activity += 1
    // Not thrown here, into the code under test: what waits for the task stands still, and `pass` throws.
    if (this.#activity > this.#mostTasks) return () => {}
    const entry = { due, order: ++this.#order, owner, task }
    this.#entries.add(entry)
    return () => void this.#entries.delete(entry)
  }

  after(ms: number, owner: TaskOwner, task: () => void): () => void {
    return this.at(this.#now + Math.max(0, ms), owner, task)
  }

  /** Resolves after some virtual time. */
  sleep(ms: number, owner: TaskOwner = NOBODY): Promise<void> {
    return new Promise((resolve) => void this.after(ms, owner, resolve))
  }

  /** The owner is gone: nothing of it runs any more. */
  forget(owner: TaskOwner): void {
    for (const entry of this.#entries) if (entry.owner === owner) this.#entries.delete(entry)
  }

  /** Lets this much time pass, and everything happen that is due in it. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms
    let atOnce = 0
    for (;;) {
      await this.settle()
      const next = this.#next()
      if (next === null || next.at > until) break
      atOnce = next.at > this.#now ? 0 : atOnce + 1
      if (atOnce > MOST_AT_ONCE)
        throw new Livelock('tasks follow each other, and time stands still')
      this.#requireBound()
      this.#now = Math.max(this.#now, next.at)
      this.#entries.delete(next.entry)
      next.entry.owner.run(next.entry.task)
    }
    this.#now = until
  }

  /** Resolves when no promise has anything more to do. */
  async settle(): Promise<void> {
    let seen = this.#activity
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await new Promise<void>((resolve) => nextTurn(resolve))
      if (this.#activity !== seen) {
        seen = this.#activity
        quiet = 0
      }
    }
  }

  #requireBound(): void {
    if (this.#activity <= this.#mostTasks) return
    throw new Livelock(`the run asked for more than ${this.#mostTasks} tasks`)
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
