import * as Y from 'yjs'
import { OwnEditsLog } from '../../core/own-edits.ts'
import { clientsOf, structsOf } from '../../core/readable.ts'
import { bringsMoreOf, deletesMoreOf, idsOf } from '../../core/struct-ids.ts'
import { ElectricProviderError } from '../../errors.ts'
import type { Clock } from '../../io/clock.ts'
import { type IdRanges, idsOfClient, noIds, unionIds } from '../../protocol/id-ranges.ts'
import type { State } from '../../protocol/state-frames.ts'
import { type DecodedUpdate, fromV2, type Struct } from '../../protocol/update-decoding.ts'
import type { Parted } from './twin-judge.ts'

const MAX_CLIENT_ID = 2 ** 32

export interface TwinsOptions {
  readonly doc: Y.Doc
  readonly clock: Pick<Clock, 'random'>
  /** The code that judges; null while it is loading. */
  readonly judge: () => TwinJudge | null
  readonly onError: (error: ElectricProviderError) => void
}

/** The code that judges, which is loaded on its own. */
export type TwinJudge = Pick<typeof import('./twin-judge.ts'), 'suspectsIn' | 'judge' | 'part'>

/** An update from elsewhere. */
interface Heard {
  readonly update: Uint8Array
  readonly content: DecodedUpdate
  /** Of the row; null for an edit of another tab. */
  readonly seq: number | null
}

/**
 * The most updates that wait to be judged while that code is loading. For further updates, only their
 * clients are remembered, and the next state decides about those.
 */
const MAX_UNJUDGED = 1_000

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
  /** Updates with ids that the document held, which came before the code that judges. */
  #unjudged: Uint8Array[] = []

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

  /** Records content of the device store, or of another persistence of the document. */
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
   * @returns true if state must be read to find out what others see
   */
  hears({ update, content, seq }: Heard, unacked: () => readonly Uint8Array[]): boolean {
    const { doc } = this.#options
    const { structs, deletes } = content
    if (seq !== null && this.#own.arrived(seq, { update, structs }, unacked)) return false
    const isTaken =
      bringsMoreOf(doc, doc.clientID, structs) || deletesMoreOf(doc, doc.clientID, deletes)
    // Only content with ids that the document holds can contradict it.
    const isKnown = structs.some(({ id }) => id.clock < Y.getState(doc.store, id.client))
    const suspects = isKnown ? this.#suspectsIn(update, structs) : new Set<number>()
    const isContradicting = this.#noteSuspects(suspects)
    if (isTaken || suspects.has(doc.clientID)) {
      const taken = doc.clientID
      this.#takeNewId()
      if (!isContradicting && this.#own.clients.has(taken)) this.#tellOnce(taken)
    }
    return isContradicting
  }

  #suspectsIn(update: Uint8Array, structs: readonly Struct[]): Set<number> {
    const judge = this.#options.judge()
    if (judge !== null) return judge.suspectsIn(this.#options.doc, this.#own, structs, false)
    if (this.#unjudged.length < MAX_UNJUDGED) this.#unjudged.push(update)
    else for (const { id } of structs) this.#suspects.add(id.client)
    return new Set()
  }

  /** @returns true if state must be read to find out what others see of these clients */
  #noteSuspects(found: ReadonlySet<number>): boolean {
    const suspects = [...found].filter(
      (client) => this.#own.clients.has(client) || !this.#judged.has(client),
    )
    for (const client of suspects) this.#suspects.add(client)
    return suspects.length > 0
  }

  /**
   * Called when the code that judges has been loaded.
   * @returns an update that contradicts the document, among those that arrived before; null if none does
   */
  judgeEarlier(judge: TwinJudge): Uint8Array | null {
    const unjudged = this.#unjudged
    this.#unjudged = []
    const { doc } = this.#options
    const found = unjudged.filter((update) => {
      const suspects = judge.suspectsIn(doc, this.#own, structsOf(update), true)
      if (suspects.has(doc.clientID)) this.#takeNewId()
      return this.#noteSuspects(suspects)
    })
    return found[0] ?? null
  }

  /** False while the code that compares this state is still loading. */
  canCompare(state: State, unacked: readonly Uint8Array[]): boolean {
    if (this.#options.judge() !== null) return true
    const clients = this.#inQuestion(this.#owners(unacked))
    return clients.length === 0 || this.#undisputed(state, clients, unacked) !== null
  }

  /** Also those of edits of earlier pages, which are sent from here. */
  #owners(unacked: readonly Uint8Array[]): Set<number> {
    return new Set([...this.#own.clients, ...clientsOf(unacked)])
  }

  #inQuestion(owners: ReadonlySet<number>): number[] {
    const { store } = this.#options.doc
    return [...new Set([...owners, ...this.#suspects])].filter(
      (client) => Y.getState(store, client) > 0,
    )
  }

  /**
   * Compares state with the document before it is applied.
   * @returns null if everybody sees all edits that were made here
   * @throws {Error} unless `canCompare`
   */
  compare(state: State, unacked: readonly Uint8Array[]): Parted | null {
    const owners = this.#owners(unacked)
    const clients = this.#inQuestion(owners)
    if (clients.length === 0) return null
    const shown = this.#undisputed(state, clients, unacked)
    if (shown === null) return this.#judge(state, clients, owners, unacked)
    for (const client of clients) this.#own.judged(client, idsOfClient(shown, client), noIds())
    this.#own.settled(state)
    return null
  }

  /**
   * The edits of these clients that everybody sees, if nobody else has written under their ids. Null if somebody
   * may have, or if the writers of folded rows are unknown.
   */
  #undisputed(
    { snapshot, rows }: State,
    clients: readonly number[],
    unacked: readonly Uint8Array[],
  ): IdRanges | null {
    const isInQuestion = ({ id }: Struct) => clients.includes(id.client)
    if (clients.some((client) => this.#suspects.has(client))) return null
    if (snapshot?.data && fromV2(snapshot.data).structs.some(isInQuestion)) return null
    const shown: IdRanges[] = []
    for (const { seq, data } of rows) {
      const structs = structsOf(data).filter(isInQuestion)
      if (structs.length === 0) continue
      if (!this.#own.isOwnRow(seq, data, unacked)) return null
      shown.push(...structs.filter((struct) => !(struct instanceof Y.Skip)).map(idsOf))
    }
    return unionIds(shown)
  }

  #judge(
    state: State,
    clients: readonly number[],
    owners: ReadonlySet<number>,
    unacked: readonly Uint8Array[],
  ): Parted | null {
    const { doc } = this.#options
    const judge = this.#options.judge()
    if (judge === null) throw new Error('the code that compares is not loaded')
    const one = { doc, own: this.#own, state, owners, unacked, freshId: () => this.#freshId() }
    const verdicts = judge.judge(one, clients)
    // The suspects are kept: the session may have to read state once more before it can part.
    if (verdicts.some(({ hidden }) => hidden !== null)) {
      const parted = judge.part(one, verdicts)
      this.#takeNewId()
      return parted
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
