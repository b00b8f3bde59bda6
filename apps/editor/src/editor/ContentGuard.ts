import type { Schema } from '@tiptap/pm/model'
import { ySyncPluginKey } from '@tiptap/y-tiptap'
import type * as Y from 'yjs'
import { schemaWith } from './content.ts'
import { type ExtraAttributes, findForeign, forget, type Known } from './foreign.ts'

export interface GuardState {
  /** What the editor would delete; empty: it may be opened. */
  readonly foreign: readonly string[]
  /** What its schema must have beside its own. */
  readonly extra: ExtraAttributes
  /** Another number when what was bound before is bound no longer. */
  readonly edition: number
}

/**
 * Stands between a document and the editors that are bound to it. It looks at every change before any
 * observer does; when an editor would lose something of it, all are unbound at once, before they see it.
 */
export class ContentGuard {
  readonly fragment: Y.XmlFragment
  readonly #doc: Y.Doc
  readonly #bound = new Set<() => void>()
  readonly #listeners = new Set<() => void>()
  #known: Known = new WeakMap()
  #schema: Schema
  #mayTidy: boolean
  #isClosed = false
  #state: GuardState = { foreign: [], extra: {}, edition: 0 }

  /** @param mayTidy whether empty parts that the schema refuses may be deleted, as y-tiptap does */
  constructor(doc: Y.Doc, mayTidy: boolean) {
    this.#doc = doc
    this.#mayTidy = mayTidy
    this.fragment = doc.getXmlFragment('default')
    this.#schema = schemaWith({})
    this.#look()
    doc.on('beforeObserverCalls', this.#onChange)
  }

  readonly getState = (): GuardState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Asks to bind an editor that was made for the state of this edition.
   * @param unbind called when it must not see the document any more
   * @returns to be called when it is unbound by itself; null: it may not be bound
   */
  admit(edition: number, unbind: () => void): (() => void) | null {
    const isCurrent = edition === this.#state.edition && this.#state.foreign.length === 0
    if (this.#isClosed || !isCurrent) return null
    this.#bound.add(unbind)
    return () => this.#bound.delete(unbind)
  }

  setMayTidy(mayTidy: boolean): void {
    if (mayTidy === this.#mayTidy) return
    this.#mayTidy = mayTidy
    this.#known = new WeakMap()
    this.#look()
  }

  /** Unbinds what is bound; nothing is looked at from now on. */
  close(): void {
    this.#isClosed = true
    this.#unbindAll()
    this.#doc.off('beforeObserverCalls', this.#onChange)
  }

  readonly #onChange = (transaction: Y.Transaction): void => {
    forget(this.#known, transaction.changed.keys())
    // What an editor wrote is what its schema allows.
    if (transaction.origin === ySyncPluginKey && this.#state.foreign.length === 0) return
    this.#look()
  }

  #look(): void {
    const options = { mayTidy: this.#mayTidy, known: this.#known }
    const found = findForeign(this.fragment, this.#schema, options)
    const isNew = Object.keys(found.extra).length > 0
    const isSame = found.foreign.join('\n') === this.#state.foreign.join('\n')
    if (!isNew && isSame) return
    const extra = isNew ? merged(this.#state.extra, found.extra) : this.#state.extra
    if (isNew) {
      this.#schema = schemaWith(extra)
      this.#known = new WeakMap()
    }
    this.#state = { foreign: found.foreign, extra, edition: this.#state.edition + 1 }
    this.#unbindAll()
    for (const listener of [...this.#listeners]) listener()
  }

  #unbindAll(): void {
    for (const unbind of [...this.#bound]) unbind()
    this.#bound.clear()
  }
}

function merged(one: ExtraAttributes, other: ExtraAttributes): ExtraAttributes {
  const types = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return Object.fromEntries(
    types.map((type) => [type, [...new Set([...(one[type] ?? []), ...(other[type] ?? [])])]]),
  )
}
