import * as Y from 'yjs'
import { movedWith } from '../../core/derived-client.ts'
import { OwnEditsLog } from '../../core/own-edits.ts'
import { clientsOf, structsOf } from '../../core/readable.ts'
import { missingOnServer } from '../../core/reconcile.ts'
import { docOf } from '../../core/shown-doc.ts'
import {
  bringsMoreOf,
  clientsThatReturn,
  contradictedClients,
  type Hidden,
  judgeClient,
  NO_OWN_EDITS,
  sourcesOf,
  type Verdict,
} from '../../core/twin.ts'
import { restoreWronglyDeleted } from '../../core/wrong-deletes.ts'
import { ElectricProviderError } from '../../errors.ts'
import type { Clock } from '../../io/clock.ts'
import { intersectIds, noIds, subtractIds, unionIds } from '../../protocol/id-ranges.ts'
import { type NewIds, rekeyUpdate, renumbered } from '../../protocol/rekey.ts'
import type { State } from '../../protocol/state-frames.ts'
import { decodeOwnUpdate } from '../../protocol/update-decoding.ts'
import { encodeStructs, mergeUpdates } from '../../protocol/update-encoding.ts'

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
  /** Takes an edit made in the app's Y.Doc. @returns the edit to send */
  readonly edit: (update: Uint8Array) => Uint8Array
  /** The edits that the server lacks; null if it lacks none. */
  readonly missing: Uint8Array | null
  readonly error: ElectricProviderError
}

/** Detects another writer with this document's client id. */
export class Twins {
  readonly #options: TwinsOptions
  readonly #own = new OwnEditsLog()
  /** The last row of this client that was stored since a read of state began; null if none was. */
  #storedMeanwhile: number | null = null
  /** Clients that have sent different content for one id. */
  readonly #suspects = new Set<number>()
  /** Clients about which the app has been notified, or need not be. */
  readonly #judged = new Set<number>()

  constructor(options: TwinsOptions) {
    this.#options = options
    const { store, clientID } = options.doc
    if (store.clients.has(clientID)) this.#own.clients.add(clientID)
    this.#own.loaded({ beforeState: new Map(), afterState: statesOf(store) })
  }

  /** Records an edit that was made here. */
  edited({ beforeState, afterState, deleteSet }: Y.Transaction): void {
    this.#own.edited(this.#options.doc.clientID, { beforeState, afterState }, deleteSet)
  }

  /** Records content of the device store, or of another keeper of the document. */
  loaded(transaction: Y.Transaction): void {
    this.#own.loaded(transaction)
  }

  /**
   * Records that the server had a batch with this id, the same or another, before it was sent from
   * here.
   */
  sentBefore(seq: number, update: Uint8Array): void {
    this.#own.sentBefore(seq, update)
  }

  /** Records that this row was sent from here, perhaps with edits of an earlier page. */
  sent(seq: number, update: Uint8Array): void {
    this.#storedMeanwhile = seq
    this.#own.sent(seq, update)
  }

  /** State is about to be read. */
  joining(): void {
    this.#storedMeanwhile = null
    this.#own.joining()
  }

  /**
   * True if a row of this client was stored after state was read, so it is unknown what others see
   * of it. Rows are sent one by one, so state with the last one has all of them.
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
  hears(update: Uint8Array, seq: number | null, unacked: () => readonly Uint8Array[]): boolean {
    const { doc } = this.#options
    const structs = structsOf(update)
    if (seq !== null && this.#own.arrived(seq, { update, structs }, unacked)) return false
    const { clients } = this.#own
    const isTaken = clients.has(doc.clientID) && bringsMoreOf(doc, doc.clientID, structs)
    const contradicted = contradictedClients(doc, structs)
    for (const client of clientsThatReturn(doc, this.#own.mine, structs)) {
      contradicted.add(client)
    }
    const suspects = [...contradicted].filter(
      (client) => clients.has(client) || !this.#judged.has(client),
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
    // Also edits of earlier pages, which are sent from here.
    const owners = new Set([...this.#own.clients, ...clientsOf(unacked)])
    const clients = [...new Set([...owners, ...this.#suspects])].filter(
      (client) => Y.getState(doc.store, client) > 0,
    )
    if (clients.length === 0) return null
    const sources = sourcesOf(state, (seq, update) => this.#own.isOwnRow(seq, update, unacked))
    const edits = this.#own.edits(unacked)
    const verdicts = clients.map((client) =>
      judgeClient(doc, client, sources, owners.has(client) ? edits : NO_OWN_EDITS),
    )
    // The suspects are kept: the session may have to read state once more before it can part.
    if (verdicts.some(({ hidden }) => hidden !== null)) {
      return this.#part(state, verdicts, owners, unacked)
    }
    for (const { client, shown, taken, isContradicted } of verdicts) {
      this.#own.judged(client, shown, taken)
      if (isContradicted && client === doc.clientID) this.#takeNewId()
      if (isContradicted && owners.has(client)) this.#tellOnce(client)
      if (this.#suspects.has(client)) this.#judged.add(client)
    }
    this.#own.settled(state)
    this.#suspects.clear()
    return null
  }

  #part(
    state: State,
    verdicts: readonly Verdict[],
    owners: ReadonlySet<number>,
    unacked: readonly Uint8Array[],
  ): Parted {
    const { doc } = this.#options
    const hidden = verdicts.flatMap((verdict) => verdict.hidden ?? [])
    // Other clients with hidden edits send these edits themselves.
    const own = hidden.filter(({ client }) => owners.has(client))
    const renaming = new Map(
      own.map(({ client, made, shown }): [number, NewIds[]] => {
        const fresh = this.#freshId()
        const moved = intersectIds(made, shown)
        const unseen = subtractIds(made, moved)
        return [
          client,
          [
            ...renumbered(unseen.clients.get(client) ?? [], fresh),
            ...renumbered(moved.clients.get(client) ?? [], movedWith(fresh)),
          ],
        ]
      }),
    )
    const there = docOf(state, doc.gc)
    const isOwn = (seq: number, update: Uint8Array) => this.#own.isOwnRow(seq, update, unacked)
    const replaced = unionIds(verdicts.map(({ taken }) => intersectIds(taken, this.#own.mine)))
    const restored = restoreWronglyDeleted(there, state, isOwn, replaced)
    if (restored !== null) Y.applyUpdate(there, restored)
    Y.applyUpdate(there, rekeyUpdate(this.#ownContent(there, state, verdicts, unacked), renaming))
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

  /**
   * The document, with the hidden edits as they were made: what other writers deleted under the same ids was
   * other content.
   */
  #ownContent(
    there: Y.Doc,
    { rows }: State,
    verdicts: readonly Verdict[],
    unacked: readonly Uint8Array[],
  ): Uint8Array {
    const ownRows = rows.filter(({ seq, data }) => this.#own.isOwnRow(seq, data, unacked))
    const updates = [...ownRows.map(({ data }) => data), ...this.#own.edits(unacked).updates]
    const hidden = unionIds(verdicts.map(({ taken }) => taken))
    const shown = unionIds(verdicts.map((verdict) => verdict.shown))
    const whole = decodeOwnUpdate(Y.encodeStateAsUpdate(this.#options.doc))
    const deletes = unionIds([
      subtractIds(whole.deletes, this.#own.notDeletedHere(hidden, updates)),
      // Deletes of edits that others see may not have arrived here yet.
      intersectIds(Y.createDeleteSetFromStructStore(there.store), shown),
    ])
    return mergeUpdates([
      ...updates.map((update) => encodeStructs(structsOf(update), noIds())),
      encodeStructs(whole.structs, deletes),
    ])
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

const statesOf = (store: Y.Doc['store']): Map<number, number> =>
  new Map([...store.clients.keys()].map((client) => [client, Y.getState(store, client)]))

const partedError = (hidden: readonly Hidden[]): ElectricProviderError =>
  new ElectricProviderError(
    'client_id_conflict',
    `another writer used the client id ${hidden.map(({ client }) => client).join(', ')} of this document, ` +
      'which therefore differs from the document on the server. The edits made here are sent again with new ids; ' +
      'to show what the server has, open a new Y.Doc (reload the page). Never set doc.clientID to a ' +
      'value that two writers can have',
  )
