import type { Table } from '../table/table.ts'

/** The layouts of the tables at the time when a shape of them was requested. */
export class Layouts {
  readonly #known = new Map<number, Table>()
  /** The LSN since which the feed reports every command that alters a table; null if it does not. */
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

  /** Records that a table was altered at this LSN, which may have been any of the unknown tables. */
  altered(lsn: number): void {
    if (this.#toldSince !== null) this.#toldSince = lsn
  }

  /**
   * Records the current layout of a table. Returns the LSN up to which received rows may have another
   * layout, or null if all of them have this one.
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
