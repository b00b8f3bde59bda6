import type pg from 'pg'
import type { Table } from '../table/table.ts'
import { installTriggers } from './triggers.ts'

/** The tables whose changes are made known; each is looked after once. */
export class CapturedTables {
  readonly #pool: pg.Pool
  readonly #installed = new Map<number, Promise<void>>()

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  capture(table: Table): Promise<void> {
    const known = this.#installed.get(table.oid)
    if (known !== undefined) return known
    const installed = installTriggers(this.#pool, table)
    this.#installed.set(table.oid, installed)
    installed.catch(() => this.#installed.delete(table.oid))
    return installed
  }

  /** The table was altered or emptied: it is looked at again. */
  forget(oid: number): void {
    this.#installed.delete(oid)
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#installed.values())
  }
}
