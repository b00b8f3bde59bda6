/**
 * Runs the effects that need the Y.Doc: applies updates from outside, and reports edits made here.
 */
import * as Y from 'yjs'
import type { DocumentEffect } from '../../core/ledger/effects.ts'
import type { Comparison, Dispatch, DocumentEvent } from '../../core/ledger/events.ts'
import { unackedUpdates } from '../../core/outbox.ts'
import { missingOnServer } from '../../core/reconcile.ts'
import type { State } from '../../protocol/state-frames.ts'
import { readRow } from '../../protocol/stored-row.ts'
import type { DecodedUpdate } from '../../protocol/update-decoding.ts'
import { Replica, type ReplicaOptions, type UpdateListener } from './replica.ts'
import type { Parted } from './twin-judge.ts'
import { type TwinJudge, Twins, type TwinsOptions } from './twins.ts'

export interface DocumentOptions extends TwinsOptions, ReplicaOptions {
  readonly dispatch: Dispatch<DocumentEvent>
  /** Calls its argument with the code that compares, when it is loaded; returns a function that cancels this. */
  readonly loadJudge: (use: (judge: TwinJudge) => void) => () => void
}

type Effect<Type extends DocumentEffect['type']> = Extract<DocumentEffect, { type: Type }>

/**
 * The Y.Doc of a session, the updates applied to it, and the handling of edits whose ids are taken.
 */
export class DocumentPart {
  readonly #options: DocumentOptions
  readonly #replica: Replica
  readonly #twins: Twins
  /** The content that everybody else sees, once the app's Y.Doc can no longer reach it. */
  #parted: Parted | null = null
  /** The document into which the last comparison would part. */
  #candidate: Parted | null = null
  /** Edits without an ack of other pages, which the device store had, until they are compared with state. */
  #ofOthers: readonly Uint8Array[] = []
  /** True while content of the device store is applied: an earlier page may have made it. */
  #isLoading = false
  readonly #cancelJudge: () => void

  constructor(options: DocumentOptions) {
    this.#options = options
    this.#replica = new Replica(options)
    this.#twins = new Twins(options)
    options.doc.on('update', this.#onUpdate)
    this.#cancelJudge = options.loadJudge((judge) => {
      const update = this.#twins.judgeEarlier(judge)
      if (update === null) return
      const source = { type: 'tab' } as const
      options.dispatch({ type: 'applied', update, source, isNew: false, isContradicting: true })
    })
  }

  /** False while the code that compares this state with the document is still loading. */
  canCompare(state: State, unacked: readonly Uint8Array[]): boolean {
    return this.#twins.canCompare(state, unacked)
  }

  /** True if the document holds nothing, not even pending structs. */
  get isBlank(): boolean {
    return this.#replica.isBlank
  }

  /** The content for the device store: everything from the server and every edit made here. */
  encode(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#parted?.doc ?? this.#options.doc)
  }

  run(effect: DocumentEffect): void {
    switch (effect.type) {
      case 'apply-kept':
        this.#applyKept(effect)
        return
      case 'apply':
        this.#apply(effect)
        return
      case 'compare':
        this.#compare(effect)
        return
      case 'apply-state':
        this.#replica.applyState(effect.state)
        this.#options.dispatch({ type: 'state-applied', state: effect.state })
        return
      case 'part':
        this.#parted = this.#candidate
        return
      case 'joining':
        this.#twins.joining()
        return
      case 'sent':
        if (effect.isUnexpected) this.#twins.sentBefore(effect.seq, effect.update)
        else this.#twins.sent(effect.seq, effect.update)
    }
  }

  /** Stops listening to edits; running operations can still apply updates. */
  ignoreEdits(): void {
    this.#options.doc.off('update', this.#onUpdate)
  }

  destroy(): void {
    this.ignoreEdits()
    this.#cancelJudge()
    this.#replica.destroy()
  }

  readonly #onUpdate: UpdateListener = (update, origin, _doc, transaction) => {
    const { dispatch } = this.#options
    if (origin === this.#options.origin) {
      if (this.#isLoading) this.#twins.loaded(transaction)
      return
    }
    const { local } = transaction
    if (local) this.#twins.edited(transaction)
    else this.#twins.loaded(transaction)
    if (this.#parted !== null) dispatch({ type: 'edited', update: this.#parted.edit(update) })
    else dispatch({ type: local ? 'edited' : 'foreign-load', update })
  }

  #applyKept({ kept }: Effect<'apply-kept'>): void {
    this.#isLoading = true
    this.#replica.applyAll('a stored update', kept.updates)
    const added = kept.batches
      .map(({ update }) => update)
      .filter((update) => this.#replica.apply('a stored edit', update))
    this.#isLoading = false
    this.#ofOthers = kept.ofOthers.map(({ update }) => update)
    const { isWaiting } = this.#replica
    this.#options.dispatch({ type: 'kept-applied', kept, added, isWaiting })
  }

  #apply({ update, decoded, source, outbox }: Effect<'apply'>): void {
    const seq = source.type === 'row' ? source.seq : null
    const content = decoded ?? soundContentOf(update)
    if (content === null) return
    const heard = { update, content, seq }
    const isContradicting = this.#twins.hears(heard, () => unackedUpdates(outbox))
    const what = seq === null ? 'an edit of another tab' : `row ${seq}`
    const isNew = this.#replica.apply(what, update)
    if (isNew || isContradicting)
      this.#options.dispatch({ type: 'applied', update, source, isNew, isContradicting })
  }

  #compare(effect: Effect<'compare'>): void {
    const { state } = effect
    this.#options.dispatch({ type: 'compared', state, comparison: this.#comparison(effect) })
  }

  #comparison(effect: Effect<'compare'>): Comparison {
    const { state, unacked } = effect
    const parted = this.#twins.compare(state, unacked)
    this.#candidate = parted
    if (parted === null) return { type: 'missing', update: this.#missing(effect) }
    const { missing, error } = parted
    return { type: 'parted', missing, isOutdated: this.#twins.isOutdated(state), error }
  }

  #missing({ state, sending, loaded, isRemaking }: Effect<'compare'>): Uint8Array | null {
    const { doc } = this.#options
    const originals = [...this.#ofOthers, ...loaded]
    this.#ofOthers = []
    if (!isRemaking) return missingOnServer(doc, state, sending, originals)
    const copy = withoutDeleted(doc)
    const missing = missingOnServer(copy, state, sending)
    copy.destroy()
    return missing
  }
}

/** The content of an update; null if it is not sound. */
function soundContentOf(update: Uint8Array): DecodedUpdate | null {
  try {
    return readRow(update)
  } catch {
    return null
  }
}

/**
 * The document without deleted content: an undo stack retains that content, so the document itself
 * would still send what was too large.
 */
function withoutDeleted(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc({ guid: 'collected', gc: doc.gc })
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}
