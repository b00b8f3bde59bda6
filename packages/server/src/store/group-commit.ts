import { isDatabaseUnavailable } from './availability.ts'
import { Lanes } from './lanes.ts'

/** The most rows that one transaction writes, unless the options say otherwise. */
const GROUP_ROWS = 256

/**
 * The outcome of one row of a group. `alone`: another transaction blocks the row. It is written by a
 * statement of its own, so that only this row waits.
 */
export type Outcome<T> =
  | { readonly type: 'done'; readonly result: T }
  | { readonly type: 'refused'; readonly error: unknown }
  | { readonly type: 'alone' }

export interface GroupCommitOptions<R, T> {
  /** How many transactions run at once. */
  readonly lanes: number
  /** How many rows may wait, including those that are written alone. */
  readonly maxWaiting: number
  /** The most rows of one transaction. */
  readonly maxRows?: number
  /** The most bytes of one transaction. A larger row is written alone. */
  readonly maxBytes: number
  readonly bytesOf: (row: R) => number
  /** Orders rows: two transactions write the same rows in the same order, so that they cannot deadlock. */
  readonly compare: (a: R, b: R) => number
  /** Writes rows in one transaction. Rejects if none is written. */
  readonly together: (rows: readonly R[]) => Promise<readonly Outcome<T>[]>
  readonly alone: (row: R) => Promise<T>
  /** The error for a row when the queue is full. */
  readonly full: () => Error
}

/** A row that waits for a transaction, and its caller. */
interface Waiting<R, T> {
  readonly row: R
  readonly resolve: (result: T) => void
  readonly reject: (error: unknown) => void
}

/**
 * While transactions are in flight, rows of all documents gather for the next one. An idle server
 * writes a row at once. A row that cannot be written neither fails nor delays the others of its group.
 */
export class GroupCommit<R, T> {
  readonly #options: GroupCommitOptions<R, T>
  readonly #lanes: Lanes<Waiting<R, T>>
  /** Rows that are being written by a statement of their own. */
  #alone = 0

  constructor(options: GroupCommitOptions<R, T>) {
    this.#options = options
    this.#lanes = new Lanes(options.lanes, (waiting) => this.#writeGroup(this.#takeGroup(waiting)))
  }

  /** Resolves when the row is committed. @throws `full()`, rejections of `alone`, and refusals */
  write(row: R): Promise<T> {
    const { maxWaiting, maxBytes, bytesOf, full } = this.#options
    if (this.#lanes.waiting + this.#alone >= maxWaiting) throw full()
    return new Promise((resolve, reject) => {
      const waiting = { row, resolve, reject }
      if (bytesOf(row) > maxBytes) this.#settleAlone(waiting)
      else this.#lanes.add(waiting)
    })
  }

  /** Takes the oldest rows that fit into one transaction. */
  #takeGroup(all: Waiting<R, T>[]): Waiting<R, T>[] {
    const { maxRows = GROUP_ROWS, maxBytes, bytesOf } = this.#options
    let rows = 0
    let bytes = 0
    for (const { row } of all) {
      bytes += bytesOf(row)
      if (rows === maxRows || (rows > 0 && bytes > maxBytes)) break
      rows += 1
    }
    return all.splice(0, rows)
  }

  async #writeGroup(group: Waiting<R, T>[]): Promise<void> {
    const { compare, together } = this.#options
    // Equal rows stay in order of arrival: the sort is stable.
    group.sort((a, b) => compare(a.row, b.row))
    let outcomes: readonly Outcome<T>[]
    try {
      outcomes = await together(group.map(({ row }) => row))
      if (outcomes.length !== group.length) throw new Error('a row of a group has no outcome')
    } catch (error) {
      // Nothing of the group is written. Writing each row alone shows which one the database refuses, and
      // which one waits for another transaction.
      const isAway = isDatabaseUnavailable(error)
      for (const waiting of group) {
        if (isAway) waiting.reject(error)
        else this.#settleAlone(waiting)
      }
      return
    }
    for (const [i, outcome] of outcomes.entries()) {
      const waiting = group[i] as Waiting<R, T>
      if (outcome.type === 'done') waiting.resolve(outcome.result)
      else if (outcome.type === 'refused') waiting.reject(outcome.error)
      else this.#settleAlone(waiting)
    }
  }

  /** Writes the row outside of the lanes, because a lock may be held for as long as a fold takes. */
  #settleAlone({ row, resolve, reject }: Waiting<R, T>): void {
    this.#alone += 1
    this.#options
      .alone(row)
      .then(resolve, reject)
      .finally(() => {
        this.#alone -= 1
      })
  }
}

/** Orders texts by their code units. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
