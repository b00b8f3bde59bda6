// Virtual time. Every event of a simulation is an entry of this timeline, so the timeline decides the order
// of all events, which is the same for the same seed.

/** Decides when a due task of this owner can run; infinity means not now. */
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

/** The owner of tasks that no page or server can stop: the network, the database, the shape service. */
export const NOBODY: TaskOwner = { runsAt: (due) => due, run: (task) => task() }

const nextTurn = globalThis.setImmediate
/**
 * After this many idle iterations of the real event loop all promises have settled, since one iteration
 * runs all microtasks.
 */
const IDLE_ITERATIONS = 1

/** The number of tasks without progress of time that counts as an endless loop. */
const MOST_AT_ONCE = 20_000

/** A run schedules a few thousand tasks. A run that schedules more than this would never end. */
export const MOST_TASKS = 60_000

/** Thrown if tasks follow each other without end. */
export class Livelock extends Error {
  override readonly name = 'Livelock'
}

export const START = Date.UTC(2026, 0, 1)

export class Timeline {
  #now = START
  #order = 0
  /** The number of tasks that were scheduled. */
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
    // The error is not thrown here, into the code under test. The code that waits for the task does not
    // continue, and `pass` throws.
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

  /** Drops all tasks of an owner that has ended. */
  forget(owner: TaskOwner): void {
    for (const entry of this.#entries) if (entry.owner === owner) this.#entries.delete(entry)
  }

  /** Lets this much time pass, and runs everything that is due in it. */
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

  /** Resolves when all promises have settled. */
  async settle(): Promise<void> {
    let seen = this.#activity
    for (let quiet = 0; quiet < IDLE_ITERATIONS; quiet++) {
      await new Promise<void>((resolve) => nextTurn(resolve))
      if (this.#activity !== seen) {
        seen = this.#activity
        quiet = 0
      }
    }
  }

  #requireBound(): void {
    if (this.#activity <= this.#mostTasks) return
    throw new Livelock(`the run scheduled more than ${this.#mostTasks} tasks`)
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
