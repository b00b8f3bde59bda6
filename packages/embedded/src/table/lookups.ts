import type pg from 'pg'
import type { TableName } from './identifier.ts'
import { readTable, type Table } from './table.ts'

/**
 * Looks up tables for requests. Concurrent requests for one table share a lookup, so that a flood of requests
 * takes only a few statements. A lookup that has already begun is never shared: it may have missed an
 * alteration just before the new request.
 */
export class TableLookups {
  readonly #pool: pg.Pool
  readonly #running = new Map<string, Promise<Table | undefined>>()
  readonly #waiting = new Map<string, Promise<Table | undefined>>()

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** The table as it is at a moment after this call; undefined if it does not exist. */
  read(name: TableName): Promise<Table | undefined> {
    const key = JSON.stringify([name.schema, name.name])
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) return waiting
    const running = this.#running.get(key)
    if (running === undefined) return this.#start(key, name)
    const next = running
      .catch(() => {})
      .then(() => {
        this.#waiting.delete(key)
        return this.#start(key, name)
      })
    this.#waiting.set(key, next)
    return next
  }

  #start(key: string, name: TableName): Promise<Table | undefined> {
    const reading = readTable(this.#pool, name)
    this.#running.set(key, reading)
    const done = (): void => {
      if (this.#running.get(key) === reading) this.#running.delete(key)
    }
    reading.then(done, done)
    return reading
  }
}
