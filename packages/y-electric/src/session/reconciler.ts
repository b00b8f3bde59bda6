import * as Y from 'yjs'
import type { FollowPoint } from '../core/connection.ts'
import { missingOnServer } from '../core/reconcile.ts'
import { earliest } from '../core/status.ts'
import type { Clock } from '../io/clock.ts'
import type { LocalDocument } from '../persistence/local-store.ts'
import type { State } from '../protocol/state-frames.ts'

export interface ReconcilerOptions {
  readonly doc: Y.Doc
  readonly clock: Clock
  /** The document holds nothing yet. */
  readonly isBlank: boolean
  /** State is being read. */
  readonly isJoining: () => boolean
  /** Edits of this session that are on their way to the server. */
  readonly unacked: () => readonly Uint8Array[]
  /** Edits that other tabs of this browser send. */
  readonly unsentByTabs: () => readonly Uint8Array[]
}

/** Knows what the document holds and the server may lack, but for what the outbox holds (SYNC-2). */
export class Reconciler {
  readonly #options: ReconcilerOptions
  /** Since when the document may hold something that nobody sends; null: it does not. */
  #inDoubtSince: number | null
  /** Acked while state was being read, and so perhaps not in it. */
  #ackedMeanwhile: Uint8Array[] = []
  /** When edits of other tabs were heard of. */
  readonly #heardAt = new WeakMap<Uint8Array, number>()
  /** What waits is to be made anew from the document when state has been read. */
  #isRemaking = false

  constructor(options: ReconcilerOptions) {
    this.#options = options
    this.#inDoubtSince = options.isBlank ? null : options.clock.now()
  }

  /** False while the document may hold something that the server lacks and nobody sends. */
  get isReconciled(): boolean {
    return this.#inDoubtSince === null
  }

  /** Since when that is so; null when it is not. */
  get inDoubtSince(): number | null {
    return this.#inDoubtSince
  }

  /** When the oldest of all that was made that others are to send, or nobody knows to be sent. */
  get unsavedSince(): number | null {
    const { clock, unsentByTabs } = this.#options
    const now = clock.now()
    const heard = unsentByTabs().map((update) => this.#heardAt.get(update) ?? now)
    return earliest([this.#inDoubtSince, ...heard])
  }

  /** The document got something that may be nowhere else. */
  doubt(): void {
    this.#inDoubtSince ??= this.#options.clock.now()
  }

  /**
   * What this device kept is in the document now, which held nothing else.
   * @returns where reading goes on; null joins
   */
  loaded({ resume, updates, hasUnsentOfOthers }: LocalDocument): FollowPoint | null {
    // What another page may not get to send is compared with what the server has, and so is what was
    // kept without a place.
    const from = hasUnsentOfOthers ? null : resume
    if (from === null && updates.length > 0) this.doubt()
    return from
  }

  /** An edit of another tab, which sends it. */
  heard(update: Uint8Array): void {
    this.#heardAt.set(update, this.#options.clock.now())
  }

  /** State is about to be read. */
  joining(): void {
    this.#ackedMeanwhile = []
  }

  /** These are on the server now: a state that is being read may not hold them yet. */
  acked(updates: readonly Uint8Array[]): void {
    if (this.#options.isJoining()) this.#ackedMeanwhile.push(...updates)
  }

  /** The next state also settles what is in the outbox: see `compare`. */
  remake(): void {
    this.#isRemaking = true
  }

  /**
   * What the server lacks, now that its state has been read and before it is applied.
   * @returns null when that is nothing; `isWhole` when it takes the place of the outbox.
   */
  compare(state: State): { missing: Uint8Array | null; isWhole: boolean } {
    const { doc, unacked, unsentByTabs } = this.#options
    const isWhole = this.#isRemaking
    const sending = [...(isWhole ? [] : unacked()), ...this.#ackedMeanwhile, ...unsentByTabs()]
    const source = isWhole ? collected(doc) : doc
    const missing = missingOnServer(source, state, sending)
    if (isWhole) source.destroy()
    this.#ackedMeanwhile = []
    return { missing, isWhole }
  }

  /** What was missing is in the outbox. */
  reconciled(): void {
    this.#isRemaking = false
    this.#inDoubtSince = null
  }
}

/**
 * The document without what was deleted: an undo stack holds on to it, so that the document itself
 * would still send the thing that was too large.
 */
function collected(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc({ guid: 'collected', gc: doc.gc })
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}
