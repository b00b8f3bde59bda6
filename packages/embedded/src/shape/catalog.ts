import { CapturedTables } from '../capture/captured.ts'
import type { Feed, Transaction } from '../capture/feed.ts'
import { hasDdlTrigger } from '../capture/triggers.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { alteredOf, silentOf } from '../table/altered.ts'
import type { Table } from '../table/table.ts'
import { Layouts } from './layouts.ts'
import { Partitions } from './partitions.ts'

export interface CatalogOptions {
  readonly database: Database
  readonly clock: Clock
  /** How often the tables are checked for alterations that the feed does not report, in milliseconds. */
  readonly catalogMs: number
  /** True while a shape needs the catalog. */
  readonly isNeeded: () => boolean
  readonly feed: () => Feed
  /** The table was altered, so everything derived from its rows is invalid. */
  readonly onAltered: (oid: number, lsn: number) => void
}

/** Keeps the tables that shapes read, has their changes captured, and detects alterations of them. */
export class Catalog {
  readonly #options: CatalogOptions
  readonly #captured: CapturedTables
  readonly #layouts = new Layouts()
  readonly #partitions = new Partitions()
  /** Changes received up to this LSN have the known layout of their tables. */
  #lookedLsn = 0
  /** Incremented when the feed restarts. */
  #era = 0
  /** True if Postgres already reported DDL commands before the feed began. */
  #wasTold = false
  readonly #stopLooking: () => void
  #looking: Promise<void> | undefined

  constructor(options: CatalogOptions) {
    this.#options = options
    this.#captured = new CapturedTables(options.database.pool)
    this.#stopLooking = options.clock.every(options.catalogMs, () => {
      if (!options.isNeeded()) return
      // A check fails while the database is unreachable; the next one runs soon.
      this.#looking ??= this.#lookAround()
        .catch(() => {})
        .finally(() => {
          this.#looking = undefined
        })
    })
  }

  async beforeBegin(): Promise<void> {
    this.#wasTold = await hasDdlTrigger(this.#options.database.pool)
  }

  /** The feed restarts: alterations until now may have been missed. */
  begin(lsn: number): void {
    this.#era++
    this.#layouts.clear()
    // One LSN earlier, since readers of other services continue at exactly `lsn`.
    this.#layouts.tellsSince(this.#wasTold ? lsn - 1 : null)
    this.#captured.noteDdl(this.#wasTold)
  }

  /** Makes Postgres report commands that alter tables, if this database user is allowed to. */
  async follow(): Promise<void> {
    if (this.#captured.tellsDdl || !(await this.#captured.followDdl())) return
    // Commands before this LSN may not have been reported.
    this.#layouts.tellsSince(await this.#options.feed().barrier())
  }

  async capture(table: Table): Promise<void> {
    await this.follow()
    await this.#captured.capture(table)
  }

  /**
   * Records the current layout of a captured table. Returns the LSN up to which received changes of the
   * table must not be used, or null if all of them are known to fit the layout.
   */
  enter(table: Table, lsn: number): number | null {
    const known = this.#layouts.of(table.oid)
    if (known !== undefined && known.fingerprint !== table.fingerprint) {
      this.#options.onAltered(table.oid, lsn)
    }
    const unsureUntil = this.#layouts.enter(table, lsn)
    if (unsureUntil === null) return null
    this.#partitions.add(table)
    // Until now, changes of its partitions were not recorded as changes of this table.
    return table.members.length > 0 ? lsn : unsureUntil
  }

  /** Forgets a table that was altered or truncated; the next shape looks it up again. */
  forget(oid: number): void {
    this.#partitions.remove(oid)
    const table = this.#layouts.forget(oid)
    if (table !== undefined) this.#captured.forget(table)
  }

  expand(transaction: Transaction): Transaction {
    return this.#partitions.expand(transaction)
  }

  /** True if the layout of the rows of a transaction is uncertain. */
  mustLook({ lsn, changes }: Transaction): boolean {
    if (!this.#captured.tellsDdl) return lsn > this.#lookedLsn
    return changes.some(({ operation }) => operation === 'alter')
  }

  /** Finds the tables that were altered by a commit at or before this LSN. */
  async look(lsn: number): Promise<void> {
    const era = this.#era
    const { heardLsn } = this.#options.feed()
    const { tables } = this.#layouts
    // If the catalog cannot be read, all tables count as altered, since their layouts are unknown.
    const altered = await alteredOf(this.#options.database.pool, tables).catch(() => tables)
    if (era !== this.#era) return
    this.#layouts.altered(lsn)
    for (const { oid } of altered) this.#options.onAltered(oid, lsn)
    this.#lookedLsn = heardLsn
  }

  /** Finds alterations that the feed does not report. */
  async #lookAround(): Promise<void> {
    const { database, feed, onAltered } = this.#options
    if (this.#captured.tellsDdl && !(await hasDdlTrigger(database.pool))) {
      this.#captured.noteDdl(false)
      this.#layouts.tellsSince(null)
    }
    const { tables } = this.#layouts
    const altered = new Set([
      ...(await alteredOf(database.pool, tables)),
      ...(await silentOf(database.pool, tables)),
    ])
    if (altered.size === 0) return
    // Rows of the old layout may still be in flight; they arrive before the barrier.
    const lsn = await feed().barrier()
    for (const table of altered) {
      if (this.#layouts.of(table.oid) === table) onAltered(table.oid, lsn)
    }
  }

  async close(): Promise<void> {
    this.#stopLooking()
    await Promise.all([this.#looking, this.#captured.settled()])
  }
}
