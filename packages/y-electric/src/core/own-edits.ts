/** Tracks which edits this writer made, and which of them other clients are known to see. */
import {
  type IdRanges,
  idsOfClient,
  intersectIds,
  noIds,
  pushRange,
  subtractIds,
  unionIds,
} from '../protocol/id-ranges.ts'
import type { State } from '../protocol/state-frames.ts'
import type { Struct } from '../protocol/update-decoding.ts'
import type { OwnEdits } from './claims.ts'
import { clientsOf, deletesOf, structsOf } from './readable.ts'
import { idsOf } from './struct-ids.ts'

/**
 * How many rows are remembered as sent from here, and for how many the bytes are kept until the
 * rows come back. Older rows are recognized by their ids and content.
 */
export const MAX_OWN_ROWS = 10_000

/** How far the document held the edits of each client before and after a transaction. */
export interface Grown {
  readonly beforeState: ReadonlyMap<number, number>
  readonly afterState: ReadonlyMap<number, number>
}

export class OwnEditsLog {
  /** Every client id under which edits were made here or sent from here. */
  readonly clients = new Set<number>()
  readonly #maxRows: number
  /** Rows that were sent from here. */
  readonly #rows = new Set<number>()
  /**
   * Own rows that have not come back from the server yet; when they do, they show what others see.
   */
  readonly #awaited = new Map<number, Uint8Array>()
  /** The awaited rows that were stored before the current read of state began. */
  #storedBefore: readonly number[] = []
  /**
   * Batch ids, by row, under which the server already had a batch: the same one or another. Only
   * batches of an earlier page can be among these, and only until the next state shows the content.
   */
  readonly #unexpected = new Map<number, Uint8Array>()
  /** Rows that arrived before the ack of a batch with the same bytes. */
  readonly #presumed = new Map<number, Uint8Array>()
  #mine = noIds()
  readonly #loaded = noIds()
  /** Deletes that were made here. */
  #deleted = noIds()
  #shown = noIds()
  #taken = noIds()
  #covered = noIds()

  constructor(maxRows = MAX_OWN_ROWS) {
    this.#maxRows = maxRows
  }

  /** Records an edit made here with this client id. */
  edited(client: number, { beforeState, afterState }: Grown, deletes: IdRanges): void {
    this.clients.add(client)
    const from = beforeState.get(client) ?? 0
    const to = afterState.get(client) ?? 0
    if (to > from) pushRange(this.#mine, client, from, to - from)
    for (const own of this.clients) {
      if (!deletes.clients.has(own)) continue
      this.#deleted = unionIds([this.#deleted, idsOfClient(deletes, own)])
    }
  }

  /** Records content that the device store or the app had. */
  loaded({ beforeState, afterState }: Grown): void {
    for (const [client, to] of afterState) {
      const from = beforeState.get(client) ?? 0
      if (to > from) pushRange(this.#loaded, client, from, to - from)
    }
  }

  /** Records that a row was sent from here, perhaps with edits of an earlier page. */
  sent(seq: number, update: Uint8Array): void {
    this.#owns(update)
    for (const [other, presumed] of this.#presumed) {
      if (!isSame(presumed, update)) continue
      this.#presumed.delete(other)
      // Another writer sent the same bytes, and its row was stored first.
      if (other === seq) continue
      const ids = this.#idsOf(structsOf(presumed))
      this.#shown = subtractIds(this.#shown, ids)
      this.#taken = unionIds([this.#taken, ids])
    }
    this.#rows.add(seq)
    this.#awaited.set(seq, update)
    forgetOldest(this.#rows, this.#maxRows)
    forgetOldest(this.#awaited, this.#maxRows)
  }

  /**
   * Records that the server had a batch with this id, the same or another, before it was sent from
   * here.
   */
  sentBefore(seq: number, update: Uint8Array): void {
    this.#owns(update)
    this.#unexpected.set(seq, update)
  }

  /**
   * Records a row that arrives in the order in which rows are stored.
   * @returns true if it was sent from here
   */
  arrived(
    seq: number,
    { update, structs }: { readonly update: Uint8Array; readonly structs: readonly Struct[] },
    unacked: () => readonly Uint8Array[],
  ): boolean {
    const isAcked = this.#rows.has(seq)
    if (!isAcked && structs.every(({ id }) => !this.clients.has(id.client))) return false
    const isOwn = isAcked || unacked().some((batch) => isSame(batch, update))
    if (isAcked) this.#awaited.delete(seq)
    else if (isOwn) this.#presumed.set(seq, update)
    if (isOwn) this.#show(structs)
    else this.#take(structs)
    return isOwn
  }

  /** State is about to be read. */
  joining(): void {
    this.#storedBefore = [...this.#awaited.keys()]
  }

  /** Records the content of state if it contains all edits of this writer. */
  judged(client: number, shown: IdRanges, taken: IdRanges): void {
    this.#shown = unionIds([withoutClient(this.#shown, client), shown])
    this.#taken = unionIds([withoutClient(this.#taken, client), taken])
    this.#deleted = subtractIds(this.#deleted, shown)
  }

  /** Everything stored before state was read has been judged. */
  settled({ rows }: State): void {
    for (const seq of this.#storedBefore) this.#awaited.delete(seq)
    for (const { seq, data } of rows) if (this.#isUnexpected(seq, data)) this.#rows.add(seq)
    this.#unexpected.clear()
    forgetOldest(this.#rows, this.#maxRows)
  }

  /** True for a row that was sent from here. */
  isOwnRow(seq: number, update: Uint8Array, unacked: readonly Uint8Array[]): boolean {
    return (
      this.#rows.has(seq) ||
      this.#isUnexpected(seq, update) ||
      unacked.some((batch) => isSame(batch, update))
    )
  }

  #isUnexpected(seq: number, update: Uint8Array): boolean {
    const batch = this.#unexpected.get(seq)
    return batch !== undefined && isSame(batch, update)
  }

  /** Edits that were made here or sent from here. */
  get mine(): IdRanges {
    return this.#mine
  }

  /** Edits that were made here and were in no row of this writer that has arrived. */
  get unseen(): IdRanges {
    return subtractIds(this.#mine, this.#shown)
  }

  /** The unseen edits that were not deleted here. */
  get unseenAlive(): IdRanges {
    return subtractIds(this.unseen, this.#deleted)
  }

  /** Records content of this writer that was alive when somebody's garbage with the same ids came. */
  coveredBy(ids: IdRanges): void {
    this.#covered = unionIds([this.#covered, ids])
  }

  /** Everything that determines which edits are hidden. */
  edits(unacked: readonly Uint8Array[]): OwnEdits {
    const updates = [...this.#awaited.values(), ...this.#unexpected.values(), ...unacked]
    return {
      mine: this.#mine,
      loaded: unionIds([this.#loaded]),
      shown: this.#shown,
      taken: this.#taken,
      covered: this.#covered,
      updates,
    }
  }

  /**
   * Of these hidden ids, the ones that this client did not delete. If another client deleted them,
   * it saw different content there.
   * @param updates what this writer sent
   */
  notDeletedHere(hidden: IdRanges, updates: readonly Uint8Array[]): IdRanges {
    const deletes = [this.#deleted, ...updates.map(deletesOf)]
    return subtractIds(intersectIds(hidden, this.#mine), unionIds(deletes))
  }

  #owns(update: Uint8Array): void {
    for (const client of clientsOf([update])) this.clients.add(client)
    this.#mine = unionIds([this.#mine, ...structsOf(update).map(idsOf)])
  }

  /** The first row that has an id provides its content. */
  #show(structs: readonly Struct[]): void {
    this.#shown = unionIds([this.#shown, subtractIds(this.#idsOf(structs), this.#taken)])
  }

  #take(structs: readonly Struct[]): void {
    this.#taken = unionIds([this.#taken, subtractIds(this.#idsOf(structs), this.#shown)])
  }

  #idsOf(structs: readonly Struct[]): IdRanges {
    return unionIds(structs.filter(({ id }) => this.clients.has(id.client)).map(idsOf))
  }
}

function forgetOldest(entries: Set<number> | Map<number, unknown>, max: number): void {
  for (const oldest of entries.keys()) {
    if (entries.size <= max) return
    entries.delete(oldest)
  }
}

function withoutClient(ids: IdRanges, client: number): IdRanges {
  return subtractIds(ids, idsOfClient(ids, client))
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.byteLength === other.byteLength && one.every((byte, i) => byte === other[i])
