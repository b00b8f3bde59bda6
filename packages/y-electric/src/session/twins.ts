import * as Y from 'yjs'
import { missingOnServer } from '../core/reconcile.ts'
import {
  bringsMoreOf,
  clientsOf,
  contradictedClients,
  type Hidden,
  hiddenBy,
  structsOf,
} from '../core/twin.ts'
import { ElectricProviderError } from '../errors.ts'
import type { Clock } from '../io/clock.ts'
import { type IdRanges, noIds, pushRange } from '../protocol/id-ranges.ts'
import { type NewIds, rekeyUpdate } from '../protocol/rekey.ts'
import type { State } from '../protocol/state-frames.ts'
import { encodeStructs } from '../protocol/update-encoding.ts'

/** How many rows are remembered as sent from here. Older ones are recognized by their content. */
const MAX_OWN_ROWS = 10_000

const MAX_CLIENT_ID = 2 ** 32

export interface TwinsOptions {
  readonly doc: Y.Doc
  readonly clock: Pick<Clock, 'random'>
  readonly onError: (error: ElectricProviderError) => void
}

/**
 * The document as the server has it, plus the edits that were hidden there, with new ids. The app's Y.Doc
 * cannot reach this content, since Yjs cannot take back what it has applied.
 */
export interface Parted {
  readonly doc: Y.Doc
  /** Takes an edit that was made in the app's Y.Doc. @returns the edit to send */
  readonly edit: (update: Uint8Array) => Uint8Array
  /** The edits that the server lacks; null if it lacks none. */
  readonly missing: Uint8Array | null
  readonly error: ElectricProviderError
}

/** How a transaction changed what a document holds of each client. */
type Grown = Pick<Y.Transaction, 'beforeState' | 'afterState'>

/** Watches for another writer that has this document's client id. */
export class Twins {
  readonly #options: TwinsOptions
  /** Every client id with which edits were made here. */
  readonly #own = new Set<number>()
  /** Rows that were sent from here. */
  readonly #ownRows = new Set<number>()
  /** The edits that were made here since this page began. */
  readonly #made = noIds()
  /** Edits that came from elsewhere under client ids of this writer. */
  readonly #heard = noIds()
  /** Batches that the server has, or others of the same id, by the row. */
  readonly #unexpected = new Map<number, Uint8Array>()
  /** The last row of this client that was stored since a read of state began; null when none was. */
  #storedMeanwhile: number | null = null
  /** Clients that have said two things under one id. */
  readonly #suspects = new Set<number>()
  /** Clients that the app has been told about, or does not need to be told about. */
  readonly #judged = new Set<number>()

  constructor(options: TwinsOptions) {
    this.#options = options
    const { store, clientID } = options.doc
    if (store.clients.has(clientID)) this.#own.add(clientID)
  }

  /** An edit was made here. */
  edited(transaction: Grown): void {
    this.#own.add(this.#options.doc.clientID)
    this.#note(this.#made, transaction)
  }

  /** The document has got something from elsewhere. */
  heard(transaction: Grown): void {
    this.#note(this.#heard, transaction)
  }

  #note(ids: IdRanges, { beforeState, afterState }: Grown): void {
    for (const client of this.#own) {
      const from = beforeState.get(client) ?? 0
      const to = afterState.get(client) ?? 0
      if (to > from) pushRange(ids, client, from, to - from)
    }
  }

  /** The server had a batch under this id before it was sent from here: this one, or another. */
  sentBefore(seq: number, update: Uint8Array): void {
    this.#owns(update)
    this.#unexpected.set(seq, update)
  }

  /** This row was sent from here, perhaps with edits of an earlier page. */
  sent(seq: number, update: Uint8Array): void {
    this.#owns(update)
    this.#storedMeanwhile = seq
    this.#ownRows.add(seq)
    const [oldest] = this.#ownRows
    if (this.#ownRows.size > MAX_OWN_ROWS && oldest !== undefined) this.#ownRows.delete(oldest)
  }

  #owns(update: Uint8Array): void {
    for (const client of clientsOf([update])) this.#own.add(client)
  }

  /** State is about to be read. */
  joining(): void {
    this.#storedMeanwhile = null
  }

  /**
   * True when a row of ours was stored after state was read: what others see of that row is not known.
   * Rows are sent one by one, so state with the last one has all of them.
   */
  isOutdated({ rows }: State): boolean {
    const last = this.#storedMeanwhile
    return last !== null && rows.every(({ seq }) => seq !== last)
  }

  /**
   * Checks an update from elsewhere before it is applied.
   * @param seq of the row; null for an edit of another tab
   * @returns true if state must be read to find out what others see
   */
  hears(update: Uint8Array, seq: number | null): boolean {
    const { doc } = this.#options
    if (seq !== null && this.#ownRows.has(seq)) return false
    const structs = structsOf(update)
    const isTaken = this.#own.has(doc.clientID) && bringsMoreOf(doc, doc.clientID, structs)
    const contradicted = contradictedClients(doc, structs)
    const suspects = [...contradicted].filter(
      (client) => this.#own.has(client) || !this.#judged.has(client),
    )
    for (const client of suspects) this.#suspects.add(client)
    if (isTaken || contradicted.has(doc.clientID)) {
      const taken = doc.clientID
      this.#takeNewId()
      if (suspects.length === 0) this.#tellOnce(taken)
    }
    return suspects.length > 0
  }

  /**
   * Compares state with the document before it is applied.
   * @returns null if everybody sees all edits that were made here
   */
  compare(state: State, unacked: readonly Uint8Array[]): Parted | null {
    const { doc } = this.#options
    const isOwnRow = (seq: number, update: Uint8Array) =>
      this.#ownRows.has(seq) ||
      [...unacked, this.#unexpected.get(seq) ?? new Uint8Array()].some((batch) =>
        isSame(batch, update),
      )
    const known = { made: this.#made, heard: this.#heard }
    // Also edits of earlier pages, which are sent from here.
    const owners = new Set([...this.#own, ...clientsOf(unacked)])
    const clients = [...new Set([...owners, ...this.#suspects])].filter(
      (client) => Y.getState(doc.store, client) > 0,
    )
    const hidden = clients.flatMap(
      (client) => hiddenBy(doc, client, state, isOwnRow, unacked, known) ?? [],
    )
    // The suspects stay: the session may have to read state once more before it can part.
    if (hidden.length > 0) return this.#part(state, hidden, owners)
    const suspects = [...this.#suspects]
    this.#suspects.clear()
    for (const client of suspects) {
      if (this.#own.has(client)) this.#tellOnce(client)
      this.#judged.add(client)
    }
    return null
  }

  #part(state: State, hidden: readonly Hidden[], owners: ReadonlySet<number>): Parted {
    const { doc } = this.#options
    // Other clients with hidden edits send these edits themselves.
    const own = hidden.filter(({ client }) => owners.has(client))
    const renaming = new Map(
      own.map(({ client, made }): [number, NewIds] => [
        client,
        { ranges: made.clients.get(client) ?? [], client: this.#freshId() },
      ]),
    )
    const there = docOf(state, doc.gc)
    Y.applyUpdate(there, rekeyUpdate(Y.encodeStateAsUpdate(doc), renaming))
    // Without this, parts that others already see would be in the document twice.
    for (const { shown } of own) Y.applyUpdate(there, encodeStructs([], shown))
    const missing = missingOnServer(there, state, [])
    this.#takeNewId()
    const edit = (update: Uint8Array) => {
      const renamed = rekeyUpdate(update, renaming)
      Y.applyUpdate(there, renamed)
      return renamed
    }
    return { doc: there, edit, missing, error: partedError(hidden) }
  }

  #tellOnce(client: number): void {
    if (this.#judged.has(client)) return
    this.#judged.add(client)
    this.#options.onError(
      new ElectricProviderError(
        'client_id_conflict',
        `another writer uses the client id ${client} of this document. The document now has a new one, and ` +
          'its edits are sent with that. Never set doc.clientID to a value that two writers can have',
      ),
    )
  }

  #takeNewId(): void {
    this.#options.doc.clientID = this.#freshId()
  }

  #freshId(): number {
    const { doc, clock } = this.#options
    const id = Math.floor(clock.random() * MAX_CLIENT_ID)
    return doc.store.clients.has(id) ? this.#freshId() : id
  }
}

/** The document as everybody sees it who applies the rows in order. */
function docOf({ snapshot, rows }: State, gc: boolean): Y.Doc {
  const doc = new Y.Doc({ gc })
  doc.transact(() => {
    if (snapshot?.data) Y.applyUpdateV2(doc, snapshot.data)
    for (const { data } of rows) {
      try {
        Y.applyUpdate(doc, data)
      } catch {
        // A row that cannot be read has no effect for anybody.
      }
    }
  })
  return doc
}

const partedError = (hidden: readonly Hidden[]): ElectricProviderError =>
  new ElectricProviderError(
    'client_id_conflict',
    `another writer used the client id ${hidden.map(({ client }) => client).join(', ')} of this document, ` +
      'which therefore differs from the document on the server. The edits made here are sent again with new ids; ' +
      'to show what the server has, open a new Y.Doc (reload the page). Never set doc.clientID to a ' +
      'value that two writers can have',
  )

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.byteLength === other.byteLength && one.every((byte, i) => byte === other[i])
