import * as Y from 'yjs'
import { ElectricProviderError } from '../../errors.ts'
import { applyRow, endingTransactions } from '../../protocol/applying.ts'
import { guardDeepDeletes } from '../../protocol/deep-deletes.ts'
import { guardMapEntries } from '../../protocol/map-entries.ts'
import type { State } from '../../protocol/state-frames.ts'

export interface ReplicaOptions {
  readonly doc: Y.Doc
  /** The transaction origin of everything that comes from outside (ORI-1). */
  readonly origin: object
  readonly onError: (error: ElectricProviderError) => void
}

/** Listens to the `update` event of a Y.Doc. */
export type UpdateListener = (
  update: Uint8Array,
  origin: unknown,
  doc: Y.Doc,
  transaction: Y.Transaction,
) => void

/**
 * The Y.Doc and the updates from outside: an error in one update does not affect the others
 * (READ-1).
 */
export class Replica {
  readonly #options: ReplicaOptions
  /** Set by each transaction of ours that changes the document. */
  #hasChanged = false
  readonly #guards: readonly (() => void)[]

  constructor(options: ReplicaOptions) {
    this.#options = options
    options.doc.on('update', this.#onUpdate)
    this.#guards = [
      guardMapEntries(options.doc),
      guardDeepDeletes(options.doc, this.#onUnfinishedDelete),
    ]
  }

  destroy(): void {
    this.#options.doc.off('update', this.#onUpdate)
    for (const end of this.#guards) end()
  }

  /** True if the document holds nothing, not even pending structs. */
  get isBlank(): boolean {
    const { store } = this.#options.doc
    return store.clients.size === 0 && !this.isWaiting
  }

  /** Applies state in one transaction: the document appears at once, as it was stored. */
  applyState({ snapshot, rows }: State): void {
    const { doc, origin } = this.#options
    this.#transact(() => {
      if (snapshot?.data) {
        const { data, seq } = snapshot
        this.#guard(`snapshot row ${seq}`, () => Y.applyUpdateV2(doc, data, origin))
      }
      for (const { seq, data } of rows) {
        this.#guard(`row ${seq}`, () => applyRow(doc, data, origin))
      }
    })
  }

  /** Many updates in one transaction. */
  applyAll(what: string, updates: readonly Uint8Array[]): void {
    const { doc, origin } = this.#options
    this.#transact(() => {
      for (const update of updates) this.#guard(what, () => applyRow(doc, update, origin))
    })
  }

  /**
   * Applies one update. True if it added something that must be kept, which includes pending
   * updates that change nothing yet.
   */
  apply(what: string, update: Uint8Array): boolean {
    const { doc, origin } = this.#options
    this.#hasChanged = false
    const isApplied = this.#guard(what, () => applyRow(doc, update, origin))
    // If Yjs throws, the document may hold some of the update, and reports no change.
    return this.#hasChanged || !isApplied || this.isWaiting
  }

  readonly #onUnfinishedDelete = (): void => {
    this.#options.onError(
      new ElectricProviderError(
        'too_deep',
        'an edit deleted types that are nested too deeply for this runtime, and Yjs threw: the provider has finished the delete. Nest types less deeply',
      ),
    )
  }

  readonly #onUpdate = (_update: Uint8Array, origin: unknown): void => {
    if (origin === this.#options.origin) this.#hasChanged = true
  }

  /** True if the document has pending structs, which wait for missing edits. */
  get isWaiting(): boolean {
    const { store } = this.#options.doc
    return store.pendingStructs !== null || store.pendingDs !== null
  }

  /** Not `doc.transact`, which would mark updates from outside as local. */
  #transact(apply: () => void): void {
    const { doc, origin } = this.#options
    // This catches errors of the document's listeners: one that throws must not end the connection.
    this.#guard('the stored state', () =>
      endingTransactions(doc, () => Y.transact(doc, apply, origin, false)),
    )
  }

  #guard(what: string, apply: () => void): boolean {
    try {
      apply()
      return true
    } catch (cause) {
      this.#options.onError(
        new ElectricProviderError('bad_row', `${what} cannot be applied`, { cause }),
      )
      return false
    }
  }
}
