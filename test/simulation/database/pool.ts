// The pool of `pg` for a server, over the double. The server may end between any two statements. A statement
// may fail, and takes some time before it runs, before it commits, and before its answer arrives.
import { EventEmitter } from 'node:events'
import type pg from 'pg'
import type { Plant } from '../plant.ts'
import type { DatabaseDouble } from './database.ts'
import { runStatement } from './statements.ts'
import { Blocked, Transaction } from './transaction.ts'

/** A moment of a statement at which a fault may happen. */
export type Moment = 'before' | 'commit' | 'answer'

export interface PoolOptions {
  readonly database: DatabaseDouble
  /**
   * Resolves when the statement may continue. It never resolves if the server has ended, and rejects if the
   * connection breaks.
   */
  readonly pause: (moment: Moment, text: string) => Promise<void>
  /** Replaces a statement, to plant a fault. */
  readonly statement?: Plant['statement'] | undefined
}

type Query = string | { readonly text: string; readonly values?: readonly unknown[] }
type Result = { rows: Record<string, unknown>[]; rowCount: number }

export class PoolDouble {
  readonly #options: PoolOptions
  readonly #transactions = new Set<Transaction>()

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** This pool as the type of `pg`. */
  asPool(): pg.Pool {
    return this as unknown as pg.Pool
  }

  async query(query: Query, values?: readonly unknown[]): Promise<Result> {
    const { text, given } = parts(query, values)
    await this.#options.pause('before', text)
    const transaction = this.#begin()
    try {
      const result = await this.#run(transaction, text, given)
      if (transaction.hasWritten) await this.#options.pause('commit', text)
      transaction.commit()
      await this.#options.pause('answer', text)
      return result
    } finally {
      transaction.rollback()
      this.#transactions.delete(transaction)
    }
  }

  async connect(): Promise<Connection> {
    return new Connection(
      this.#options,
      () => this.#begin(),
      (...args) => this.#run(...args),
    )
  }

  /** Rolls back the open transactions, as Postgres does when its client has died. */
  die(): void {
    for (const transaction of this.#transactions) transaction.rollback()
    this.#transactions.clear()
  }

  #begin(): Transaction {
    const transaction = new Transaction(this.#options.database)
    this.#transactions.add(transaction)
    void transaction.ended.then(() => this.#transactions.delete(transaction))
    return transaction
  }

  async #run(transaction: Transaction, text: string, values: readonly unknown[]): Promise<Result> {
    for (;;) {
      transaction.savepoint()
      try {
        const { database, statement } = this.#options
        const run = () => runStatement(database, transaction, text, values)
        const context = { database, tx: transaction, values }
        const rows = statement?.(text, context, run) ?? run()
        return { rows, rowCount: rows.length }
      } catch (error) {
        transaction.undoStatement()
        if (!(error instanceof Blocked)) throw error
        await error.by.ended
        // The server ended while the statement waited. An ended transaction must take no lock, since nothing
        // would release it.
        if (transaction.isOver) return new Promise(() => {})
      }
    }
  }
}

type Run = (transaction: Transaction, text: string, values: readonly unknown[]) => Promise<Result>

/** A connection of the pool, with a transaction from BEGIN to COMMIT or ROLLBACK. */
class Connection extends EventEmitter {
  readonly #options: PoolOptions
  readonly #begin: () => Transaction
  readonly #run: Run
  #transaction: Transaction | null = null

  constructor(options: PoolOptions, begin: () => Transaction, run: Run) {
    super()
    this.#options = options
    this.#begin = begin
    this.#run = run
  }

  async query(query: Query, values?: readonly unknown[]): Promise<Result> {
    const { text, given } = parts(query, values)
    await this.#options.pause('before', text)
    const result = await this.#execute(text, given)
    await this.#options.pause('answer', text)
    return result
  }

  async #execute(text: string, values: readonly unknown[]): Promise<Result> {
    const nothing = { rows: [], rowCount: 0 }
    if (text.startsWith('BEGIN')) {
      this.#transaction = this.#begin()
      return nothing
    }
    const transaction = this.#transaction
    if (transaction === null) throw new Error(`outside of a transaction: ${text}`)
    if (text === 'COMMIT') transaction.commit()
    else if (text === 'ROLLBACK') transaction.rollback()
    else return this.#run(transaction, text, values)
    this.#transaction = null
    return nothing
  }

  release(): void {
    this.#transaction?.rollback()
    this.#transaction = null
  }
}

function parts(query: Query, values: readonly unknown[] | undefined) {
  return typeof query === 'string'
    ? { text: query, given: values ?? [] }
    : { text: query.text, given: query.values ?? [] }
}
