import type { Transaction } from '../capture/feed.ts'
import type { Change } from '../capture/reassembler.ts'
import type { Definition } from './definition.ts'
import { fixedBy, getOrSet, valuesKey } from './match.ts'
import { compareOffsets, type Offset } from './offset.ts'

/** The changes of the rows in which certain columns hold certain values. */
interface Track {
  /** Changes up to this offset are forgotten; null if there were none. */
  forgotten: Offset | null
  recent: Transaction[]
}

/** The tracks of one table by the values of the same columns. */
interface Group {
  readonly indexes: readonly number[]
  readonly tracks: Map<string, Track>
  /** For values without a track: changes up to this offset are unknown; there are none after it. */
  floor: Offset
}

/** The known changes of a shape: all changes after `from`. */
export interface Past {
  readonly from: Offset
  readonly transactions: readonly Transaction[]
}

/**
 * The recent transactions of all captured tables, whether or not a shape of this service needs
 * them, so that this service can continue a reader that another service has served. For older
 * transactions it keeps the offset of each document's last change, since most readers wait on
 * documents that rarely change.
 */
export class History {
  readonly #maxBytes: number
  readonly #maxTracks: number
  #transactions: { readonly transaction: Transaction; readonly bytes: number }[] = []
  #bytes = 0
  #floor: Offset = behind(0)
  readonly #groups = new Map<number, Map<string, Group>>()
  readonly #tableFloors = new Map<number, Offset>()
  readonly #shapeFloors = new Map<string, Offset>()

  constructor(maxBytes: number, maxTracks = 100_000) {
    this.#maxBytes = maxBytes
    this.#maxTracks = maxTracks
  }

  /** Forgets everything; transactions from `lsn` on are complete. */
  begin(lsn: number): void {
    this.#transactions = []
    this.#bytes = 0
    this.#floor = { lsn, op: 0 }
    this.#groups.clear()
    this.#tableFloors.clear()
    this.#shapeFloors.clear()
  }

  add(transaction: Transaction): void {
    const bytes = bytesOf(transaction)
    this.#transactions.push({ transaction, bytes })
    this.#bytes += bytes
    this.#eachTrack(transaction, (track) => {
      if (track.recent.at(-1) !== transaction) track.recent.push(transaction)
    })
    let surplus = 0
    while (this.#bytes > this.#maxBytes && surplus < this.#transactions.length) {
      const oldest = this.#transactions[surplus++]
      if (oldest === undefined) break
      this.#bytes -= oldest.bytes
      this.#forget(oldest.transaction)
    }
    if (surplus > 0) this.#transactions.splice(0, surplus)
  }

  /** Marks the table's changes up to this LSN as unknown, because it was altered or truncated. */
  forgetTable(oid: number, lsn: number): void {
    const known = this.#tableFloors.get(oid)
    if (known === undefined || known.lsn < lsn) this.#tableFloors.set(oid, behind(lsn))
  }

  /**
   * Marks the shape's changes up to this LSN as unknown, because the shape was dropped on request.
   */
  forgetShape(id: string, lsn: number): void {
    this.#shapeFloors.set(id, behind(lsn))
  }

  of({ table, condition }: Definition, id: string): Past {
    const { indexes, values } = fixedBy(condition)
    const groups = getOrSet(this.#groups, table.oid, () => new Map<string, Group>())
    const group = getOrSet(groups, indexes.join(), () => this.#groupOf(table.oid, indexes))
    const track = group.tracks.get(valuesKey(values))
    const floors = [
      track?.forgotten ?? group.floor,
      this.#tableFloors.get(table.oid),
      this.#shapeFloors.get(id),
    ]
    const from = floors.reduce<Offset>(
      (highest, floor) =>
        floor !== undefined && compareOffsets(floor, highest) > 0 ? floor : highest,
      behind(0),
    )
    const recent = track?.recent ?? []
    return { from, transactions: recent.filter(({ lsn }) => lsn > from.lsn) }
  }

  /** Created at first use, from the transactions that are still kept. */
  #groupOf(oid: number, indexes: readonly number[]): Group {
    const group: Group = { indexes, tracks: new Map(), floor: this.#floor }
    for (const { transaction } of this.#transactions) {
      for (const change of transaction.changes) {
        if (change.table !== oid) continue
        for (const track of tracksOf(group, change)) {
          if (track.recent.at(-1) !== transaction) track.recent.push(transaction)
        }
      }
    }
    return group
  }

  #forget(transaction: Transaction): void {
    const { lsn } = transaction
    this.#floor = behind(lsn)
    this.#eachTrack(transaction, (track, { index, operation }) => {
      if (track.recent[0] === transaction) track.recent.shift()
      // An update may be two messages, the second of them at the next offset.
      track.forgotten = { lsn, op: operation === 'update' ? index * 2 + 1 : index * 2 }
    })
    for (const groups of this.#groups.values()) {
      for (const group of groups.values()) {
        if (group.tracks.size > this.#maxTracks) prune(group, lsn)
      }
    }
  }

  #eachTrack(transaction: Transaction, run: (track: Track, change: Change) => void): void {
    for (const change of transaction.changes) {
      for (const group of this.#groups.get(change.table)?.values() ?? []) {
        for (const track of tracksOf(group, change)) run(track, change)
      }
    }
  }
}

/** The offset after all changes of a transaction. */
const behind = (lsn: number): Offset => ({ lsn, op: Number.POSITIVE_INFINITY })

function tracksOf(group: Group, { old, new: fresh }: Change): Track[] {
  const keys = [old, fresh].flatMap((row) =>
    row === null ? [] : [valuesKey(group.indexes.map((index) => row[index] ?? null))],
  )
  return [...new Set(keys)].map((key) =>
    getOrSet(group.tracks, key, () => ({ forgotten: null, recent: [] })),
  )
}

function prune(group: Group, lsn: number): void {
  for (const [key, { recent }] of group.tracks) {
    if (recent.length === 0) group.tracks.delete(key)
  }
  group.floor = behind(lsn)
}

function bytesOf({ changes }: Transaction): number {
  let bytes = 100
  for (const { old, new: fresh } of changes) {
    bytes += 100
    for (const field of old ?? []) bytes += field?.length ?? 0
    for (const field of fresh ?? []) bytes += field?.length ?? 0
  }
  return bytes
}
