import * as Y from 'yjs'
import type { State } from '../protocol/state-frames.ts'
import { isSoundRow } from '../protocol/stored-row.ts'
import type { Local } from './local.ts'
import type { Place } from './place.ts'
import type { Reader } from './reader.ts'
import type { Reconciler } from './reconciler.ts'
import type { Replica } from './replica.ts'
import { type Parted, Twins, type TwinsOptions } from './twins.ts'
import type { Writer } from './writer.ts'

export interface IntakeOptions extends TwinsOptions {
  readonly replica: Replica
  readonly reconciler: Reconciler
  readonly place: Place
  readonly reader: () => Reader
  readonly writer: () => Writer
  readonly local: () => Local | null
}

/** Applies the edits of others: state, rows and the edits of other tabs. */
export class Intake {
  readonly #options: IntakeOptions
  readonly twins: Twins
  #parted: Parted | null = null

  constructor(options: IntakeOptions) {
    this.#options = options
    this.twins = new Twins(options)
  }

  /** Set once the app's Y.Doc can no longer reach the content that everybody else sees. */
  get parted(): Parted | null {
    return this.#parted
  }

  /** The content for the store of this device: everything from the server and every edit made here. */
  encodeDoc(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#parted?.doc ?? this.#options.doc)
  }

  /**
   * Reconciles the document with state (SYNC-2), then applies state: reconciling needs the old document.
   * @returns a promise after which state must be read once more, or null
   */
  state(state: State): Promise<void> | null {
    const { reconciler, replica, local } = this.#options
    const writer = this.#options.writer()
    const parted = this.twins.compare(state, writer.unacked())
    if (parted !== null) return this.#part(parted, state)
    const { missing, isWhole } = reconciler.compare(state)
    // Before state is applied: Yjs may then tidy up formatting, and that edit must stay in the outbox.
    if (isWhole) writer.replace(missing)
    else if (missing !== null) writer.edit(missing)
    replica.applyState(state)
    local()?.whole()
    reconciler.reconciled()
    writer.release()
    return null
  }

  /**
   * @param seq of the row; null for an edit from another tab
   * @returns false if the document already had the update, or nobody applies it
   */
  update(what: string, update: Uint8Array, seq: number | null = null): boolean {
    const { replica, local, place } = this.#options
    // Rows have been judged by the reader.
    if (seq === null && !isSoundRow(update)) return false
    const isContradicting = this.twins.hears(update, seq, () => this.#options.writer().unacked())
    const isNew = replica.apply(what, update)
    if (isNew) local()?.row(update)
    if (isContradicting) {
      // Further edits could be hidden as well, so the writer holds them until state shows which ones are.
      this.#options.writer().hold()
      place.doubt()
      this.#options.reader().rejoin()
    }
    return isNew
  }

  /**
   * The server may have received another batch with an id of ours, since two copies of one device store
   * collect edits under the same id. Comparing with state shows which edits the server lacks.
   */
  verify(): void {
    const { reconciler, place } = this.#options
    if (this.#parted !== null) return
    reconciler.doubt()
    place.doubt()
    this.#options.reader().rejoin()
  }

  /** The Y.Doc shows what nobody else does: nothing is read for it any more, and its edits get new ids. */
  #part(parted: Parted, state: State): Promise<void> | null {
    const { reconciler, local, place } = this.#options
    const writer = this.#options.writer()
    writer.hold()
    // Whether the server has got what was posted decides what it lacks.
    const settled = writer.settled()
    if (settled !== null) return settled
    if (this.twins.isOutdated(state)) {
      this.twins.joining()
      return Promise.resolve()
    }
    this.#parted = parted
    local()?.whole()
    place.forget()
    place.doubt()
    writer.replace(parted.missing)
    reconciler.reconciled()
    this.#options.reader().refuse(parted.error)
    writer.release()
    return null
  }
}
