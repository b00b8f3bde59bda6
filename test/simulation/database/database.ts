// A database in memory that understands the statements of the server's store. The suite in store.test.ts
// compares it with PGlite and with native Postgres.
import { type Change, type Commit, keyOf, type TableName, type Tables } from './tables.ts'

export class DatabaseDouble {
  readonly now: () => number
  /** All commits, oldest first. */
  readonly log: Commit[] = []
  /** Called with each commit. */
  readonly onCommit: ((commit: Commit) => void)[] = []
  readonly #tables: { [Name in TableName]: Map<string | number, Tables[Name]> } = {
    documents: new Map(),
    updates: new Map(),
    snapshots: new Map(),
    presence: new Map(),
    usage: new Map(),
  }
  /** Called with each notification. */
  readonly onNotify = new Set<(channel: string, payload: string) => void>()
  #lastSeq = { updates: 0, snapshots: 0 }

  constructor(now: () => number) {
    this.now = now
  }

  table<Name extends TableName>(name: Name): Map<string | number, Tables[Name]> {
    return this.#tables[name] as Map<string | number, Tables[Name]>
  }

  /** A row gets its number when it is inserted, so rows may commit in another order. */
  nextSeq(name: 'updates' | 'snapshots'): number {
    this.#lastSeq[name] += 1
    return this.#lastSeq[name]
  }

  notify(channel: string, payload: string): void {
    for (const tell of [...this.onNotify]) tell(channel, payload)
  }

  apply(changes: readonly Change[]): void {
    for (const { table, before, after } of changes) {
      const rows = this.#tables[table] as Map<string | number, unknown>
      if (after !== null) rows.set(keyOf(table, after), after)
      else if (before !== null) rows.delete(keyOf(table, before))
    }
    const commit = { lsn: this.log.length + 1, changes }
    this.log.push(commit)
    for (const tell of this.onCommit) tell(commit)
  }
}
