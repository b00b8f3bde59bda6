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
  /** How often the tables are looked at for what the feed does not tell of. */
  readonly catalogMs: number
  /** Is anybody interested? */
  readonly isNeeded: () => boolean
  readonly feed: () => Feed
  /** The table is another one by now: what was made of its rows is worth nothing any more. */
  readonly onAltered: (oid: number, lsn: number) => void
}

/** Knows the tables that shapes are made of, has them captured, and notices when they are altered. */
export class Catalog {
  readonly #options: CatalogOptions
  readonly #captured: CapturedTables
  readonly #layouts = new Layouts()
  readonly #partitions = new Partitions()
  /** What was heard up to this place is of tables as they are known. */
  #lookedLsn = 0
  /** Raised when the feed begins anew. */
  #era = 0
  /** Did Postgres tell of commands before the feed began? */
  #wasTold = false
  readonly #stopLooking: () => void
  #looking: Promise<void> | undefined

  constructor(options: CatalogOptions) {
    this.#options = options
    this.#captured = new CapturedTables(options.database.pool)
    this.#stopLooking = options.clock.every(options.catalogMs, () => {
      if (!options.isNeeded()) return
      // While the database is away there is nothing to be found; the next look comes soon.
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

  /** The feed begins anew: what happened until now is not known. */
  begin(lsn: number): void {
    this.#era++
    this.#layouts.clear()
    // From right before the place where readers of other services go on.
    this.#layouts.tellsSince(this.#wasTold ? lsn - 1 : null)
    this.#captured.noteDdl(this.#wasTold)
  }

  /** Has Postgres tell of commands that alter tables, if this user may ask for that. */
  async follow(): Promise<void> {
    if (this.#captured.tellsDdl || !(await this.#captured.followDdl())) return
    // Commands before this place may not have been told of.
    this.#layouts.tellsSince(await this.#options.feed().barrier())
  }

  async capture(table: Table): Promise<void> {
    await this.follow()
    await this.#captured.capture(table)
  }

  /**
   * Notes how a captured table is now. Returns the place up to which what was heard of it is not to
   * be used, or null where all of it is known to fit.
   */
  enter(table: Table, lsn: number): number | null {
    const known = this.#layouts.of(table.oid)
    if (known !== undefined && known.fingerprint !== table.fingerprint) {
      this.#options.onAltered(table.oid, lsn)
    }
    const unsureUntil = this.#layouts.enter(table, lsn)
    if (unsureUntil === null) return null
    this.#partitions.add(table)
    // Changes of its partitions were not yet noted as its own.
    return table.members.length > 0 ? lsn : unsureUntil
  }

  /** The table was altered or emptied: all is asked anew. */
  forget(oid: number): void {
    this.#partitions.remove(oid)
    const table = this.#layouts.forget(oid)
    if (table !== undefined) this.#captured.forget(table)
  }

  expand(transaction: Transaction): Transaction {
    return this.#partitions.expand(transaction)
  }

  /** Is it unknown of which layout the rows of a transaction are? */
  mustLook({ lsn, changes }: Transaction): boolean {
    if (!this.#captured.tellsDdl) return lsn > this.#lookedLsn
    return changes.some(({ operation }) => operation === 'alter')
  }

  /** Finds what was altered by what committed at this place, or before. */
  async look(lsn: number): Promise<void> {
    const era = this.#era
    const { heardLsn } = this.#options.feed()
    const { tables } = this.#layouts
    // When the catalog cannot be read, nobody knows what the rows mean.
    const altered = await alteredOf(this.#options.database.pool, tables).catch(() => tables)
    if (era !== this.#era) return
    this.#layouts.altered(lsn)
    for (const { oid } of altered) this.#options.onAltered(oid, lsn)
    this.#lookedLsn = heardLsn
  }

  /** Finds what the feed does not tell of. */
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
    // Rows of the old layout may still be on their way: they come before the barrier.
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
