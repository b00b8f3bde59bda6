import type { Transaction } from '../capture/feed.ts'
import type { Change } from '../capture/reassembler.ts'
import { fixedBy, getOrSet, valuesKey } from './concern.ts'
import type { Definition } from './definition.ts'
import { compareOffsets, type Offset } from './offset.ts'

/** What has changed where certain columns hold certain values. */
interface Track {
  /** Changes up to here are forgotten; null if there were none. */
  forgotten: Offset | null
  recent: Transaction[]
}

/** The tracks of one table by the values of the same columns. */
interface Group {
  readonly indexes: readonly number[]
  readonly tracks: Map<string, Track>
  /** Of tracks that are not here nothing is known up to this place; after it they have no change. */
  floor: Offset
}

/** What is known of the changes of a shape: all of them after `from`. */
export interface Past {
  readonly from: Offset
  readonly transactions: readonly Transaction[]
}

/**
 * The recent transactions of all captured tables, whether or not there is a shape here that they
 * concern. So a reader whom another service has served so far can be served from here. Of older
 * ones it is still known when each document changed last, since most readers wait on quiet ones.
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

  /** Forgets everything; what comes from here on is complete. */
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

  /** Of this table nothing is known any more up to this place: it was altered or truncated. */
  forgetTable(oid: number, lsn: number): void {
    const known = this.#tableFloors.get(oid)
    if (known === undefined || known.lsn < lsn) this.#tableFloors.set(oid, behind(lsn))
  }

  /** Of this shape too, which somebody asked to drop. */
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

  /** Made when first asked for, of what is still there. */
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
      // An update may be two messages, one of them at the place after.
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

/** Behind all changes of a transaction. */
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
