import type pg from 'pg'
import type { Table } from '../table/table.ts'
import { type Followed, installDdlTrigger, installTriggers } from './triggers.ts'

/** The tables whose changes are captured; the triggers of each table are installed once. */
export class CapturedTables {
  readonly #pool: pg.Pool
  readonly #installed = new Map<number, Promise<void>>()
  #ddl: Promise<boolean> | undefined
  #tellsDdl = false

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** True if Postgres reports each command that may alter a table. */
  get tellsDdl(): boolean {
    return this.#tellsDdl
  }

  /**
   * Installs the trigger that makes Postgres report these commands; false if this user is not
   * allowed to.
   */
  async followDdl(): Promise<boolean> {
    if (this.#ddl === undefined) {
      const installed = installDdlTrigger(this.#pool)
      this.#ddl = installed
      installed.catch(() => {
        if (this.#ddl === installed) this.#ddl = undefined
      })
    }
    const asked = this.#ddl
    const tells = await asked
    if (this.#ddl === asked) this.#tellsDdl = tells
    return this.#tellsDdl
  }

  async capture(table: Table): Promise<void> {
    // The rows of a partitioned table are in its partitions, so each partition gets its own
    // triggers: a trigger on the parent would prevent attaching a partition that already has one.
    const own = table.kind === 'table' ? [table] : []
    await Promise.all([...own, ...table.members].map((followed) => this.#follow(followed)))
  }

  /**
   * Checks the table's triggers again at the next use, because the table was altered or truncated.
   */
  forget(table: Table): void {
    for (const { oid } of [table, ...table.members]) this.#installed.delete(oid)
  }

  /**
   * Records whether Postgres reports DDL commands; if not, the next call of `followDdl` tries
   * again.
   */
  noteDdl(tells: boolean): void {
    this.#ddl = tells ? Promise.resolve(true) : undefined
    this.#tellsDdl = tells
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.#installed.values(), this.#ddl])
  }

  #follow(table: Followed): Promise<void> {
    const known = this.#installed.get(table.oid)
    if (known !== undefined) return known
    const installed = installTriggers(this.#pool, table)
    this.#installed.set(table.oid, installed)
    installed.catch(() => this.#installed.delete(table.oid))
    return installed
  }
}
