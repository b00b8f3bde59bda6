import type { Transaction } from '../capture/feed.ts'
import type { Change } from '../capture/reassembler.ts'
import type { Fields } from '../capture/record.ts'
import type { Member } from '../table/members.ts'
import type { Table } from '../table/table.ts'

/** Repeats changes of partitions as changes of the partitioned table. */
export class Partitions {
  /** By the oid of the partition, then by that of the table that it belongs to. */
  readonly #parents = new Map<number, Map<number, Member>>()

  add(table: Table): void {
    this.remove(table.oid)
    for (const member of table.members) {
      const parents = this.#parents.get(member.oid) ?? new Map<number, Member>()
      this.#parents.set(member.oid, parents.set(table.oid, member))
    }
  }

  remove(parent: number): void {
    for (const [oid, parents] of this.#parents) {
      parents.delete(parent)
      if (parents.size === 0) this.#parents.delete(oid)
    }
  }

  expand(transaction: Transaction): Transaction {
    if (this.#parents.size === 0) return transaction
    const changes = transaction.changes.flatMap((change) => {
      const parents = this.#parents.get(change.table)
      if (parents === undefined) return [change]
      return [change, ...[...parents].map(([parent, member]) => inParent(change, parent, member))]
    })
    return { ...transaction, changes }
  }
}

function inParent(change: Change, table: number, { order, width }: Member): Change {
  const { old, new: fresh } = change
  const row = fresh ?? old
  // The partition was altered, so its fields are no longer known.
  if (row !== null && row.length !== width) {
    return { ...change, table, operation: 'truncate', old: null, new: null }
  }
  const inOrder = (fields: Fields | null): Fields | null =>
    fields === null ? null : order.map((place) => fields[place] ?? null)
  return { ...change, table, old: inOrder(old), new: inOrder(fresh) }
}
