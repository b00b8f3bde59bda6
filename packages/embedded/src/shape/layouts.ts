import type { Table } from '../table/table.ts'

/** The tables of which a shape has been asked for, as they were then. */
export class Layouts {
  readonly #known = new Map<number, Table>()
  /** Since this place in the feed it tells of every command that alters a table; null: it does not. */
  #toldSince: number | null = null

  get tables(): readonly Table[] {
    return [...this.#known.values()]
  }

  of(oid: number): Table | undefined {
    return this.#known.get(oid)
  }

  tellsSince(lsn: number | null): void {
    this.#toldSince = lsn
  }

  /** Some table was altered here: of those that are not known, it may have been any. */
  altered(lsn: number): void {
    if (this.#toldSince !== null) this.#toldSince = lsn
  }

  /**
   * Notes how a table is now. Returns the place up to which rows that were heard may have been of
   * another layout, or null where all were of this one.
   */
  enter(table: Table, lsn: number): number | null {
    const known = this.#known.get(table.oid)
    this.#known.set(table.oid, table)
    if (known?.fingerprint === table.fingerprint) return null
    return known === undefined ? (this.#toldSince ?? lsn) : lsn
  }

  forget(oid: number): Table | undefined {
    const known = this.#known.get(oid)
    this.#known.delete(oid)
    return known
  }

  clear(): void {
    this.#known.clear()
    this.#toldSince = null
  }
}
