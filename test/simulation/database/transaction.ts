// One transaction under READ COMMITTED: each statement sees everything that is committed by then, and the
// changes of its own transaction. Advisory locks are held until the transaction ends.
import type { DatabaseDouble } from './database.ts'
import { AdvisoryLocks, type LockMode } from './locks.ts'
import {
  type Change,
  keyOf,
  type Pending,
  TABLE_NAMES,
  type TableName,
  type Tables,
} from './tables.ts'

/** Thrown by a statement that must wait for another transaction to end. */
export class Blocked extends Error {
  readonly by: Transaction
  constructor(by: Transaction) {
    super('the statement waits for another transaction')
    this.by = by
  }
}

/** The transactions of a database that have neither committed nor rolled back, and their locks. */
interface Running {
  readonly open: Set<Transaction>
  readonly locks: AdvisoryLocks<Transaction>
}

const runningIn = new WeakMap<DatabaseDouble, Running>()

export class Transaction {
  readonly #database: DatabaseDouble
  readonly #running: Running
  readonly #pending: { [Name in TableName]: Pending<Tables[Name]> }
  #undo: (() => void)[] = []
  #end: () => void = () => {}
  readonly ended: Promise<void>
  #isOver = false
  /** When the transaction began: `now()` of Postgres. */
  readonly startedAt: number

  constructor(database: DatabaseDouble) {
    this.#database = database
    this.startedAt = database.now()
    this.#pending = {
      documents: new Map(),
      updates: new Map(),
      snapshots: new Map(),
      presence: new Map(),
      usage: new Map(),
    }
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#running = runningIn.get(database) ?? { open: new Set(), locks: new AdvisoryLocks() }
    runningIn.set(database, this.#running)
    this.#running.open.add(this)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get hasWritten(): boolean {
    return TABLE_NAMES.some((name) => this.#pending[name].size > 0)
  }

  /** The rows that this transaction sees. */
  rows<Name extends TableName>(name: Name): Tables[Name][] {
    const committed = this.#database.table(name)
    const pending = this.#pending[name]
    if (pending.size === 0) return [...committed.values()]
    const rows: Tables[Name][] = []
    for (const [key, row] of committed) {
      const own = pending.get(key)
      if (own === null) continue
      rows.push(own ?? row)
    }
    for (const [key, row] of pending) if (row !== null && !committed.has(key)) rows.push(row)
    return rows
  }

  row<Name extends TableName>(name: Name, key: string | number): Tables[Name] | undefined {
    const own = this.#pending[name].get(key)
    if (own !== undefined) return own ?? undefined
    return this.#database.table(name).get(key)
  }

  put<Name extends TableName>(name: Name, row: Tables[Name]): void {
    this.#set(name, keyOf(name, row), row)
  }

  delete<Name extends TableName>(name: Name, row: Tables[Name]): void {
    this.#set(name, keyOf(name, row), null)
  }

  #set<Name extends TableName>(name: Name, key: string | number, row: Tables[Name] | null): void {
    const pending = this.#pending[name] as Pending<Tables[Name]>
    const before = pending.get(key)
    const was = pending.has(key)
    this.#undo.push(() => {
      if (was) pending.set(key, before ?? null)
      else pending.delete(key)
    })
    pending.set(key, row)
  }

  /** Blocks if another transaction has an uncommitted row that satisfies the condition. */
  requireUncontested<Name extends TableName>(
    name: Name,
    matches: (row: Tables[Name]) => boolean,
  ): void {
    for (const other of this.#running.open) {
      if (other === this) continue
      for (const row of other.#pending[name].values()) {
        if (row !== null && matches(row)) throw new Blocked(other)
      }
    }
  }

  lock(key: string, mode: LockMode): void {
    const holder = this.#running.locks.tryLock(this, key, mode)
    if (holder !== null) throw new Blocked(holder)
  }

  tryLock(key: string, mode: LockMode): boolean {
    return this.#running.locks.tryLock(this, key, mode) === null
  }

  /** Marks the beginning of a statement, whose changes are undone if it fails. */
  savepoint(): void {
    this.#undo = []
  }

  undoStatement(): void {
    for (const undo of this.#undo.reverse()) undo()
    this.#undo = []
  }

  commit(): void {
    if (this.#isOver) return
    const changes: Change[] = []
    for (const name of TABLE_NAMES) {
      const table = this.#database.table(name)
      for (const [key, row] of this.#pending[name]) {
        changes.push({ table: name, before: table.get(key) ?? null, after: row } as Change)
      }
    }
    this.#finish()
    if (changes.length > 0) this.#database.apply(changes)
  }

  rollback(): void {
    if (!this.#isOver) this.#finish()
  }

  #finish(): void {
    this.#isOver = true
    this.#running.open.delete(this)
    this.#running.locks.release(this)
    this.#end()
  }
}
