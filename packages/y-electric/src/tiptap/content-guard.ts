import type { Schema } from '@tiptap/pm/model'
import type * as Y from 'yjs'
import { type ExtraAttributes, findForeign, forget, type Known } from './judge.ts'

/** The result of a guard for its document. */
export interface GuardState {
  /**
   * Descriptions of the parts that the editor would delete or cannot show; if empty, an editor may
   * be bound.
   */
  readonly foreign: readonly string[]
  /** Attributes that the schema must have in addition to its own, so that they are kept. */
  readonly extra: ExtraAttributes
  /** The exception that ended editing; null if there was none. It is final. */
  readonly error: Error | null
  /** The text of the edit that failed with `error` and did not get into the document; null if there is none. */
  readonly unsaved: string | null
  /** A number that changes as soon as editors that were bound before are no longer bound. */
  readonly edition: number
}

export interface GuardOptions {
  /**
   * The schema of the editor. A function creates a schema with additional attributes, which keeps
   * attributes that the editor does not know; for a schema that cannot be extended they are listed
   * in `foreign`.
   */
  readonly schema: Schema | ((extra: ExtraAttributes) => Schema)
  /** Whether empty parts that the schema refuses may be deleted, as y-tiptap does. Default: true. */
  readonly mayTidy?: boolean
}

/** An editor that is bound to a guarded document. */
export interface BoundEditor {
  /** Unbinds it at once: it must not access the document any more. */
  readonly unbind: () => void
  /** True while the editor writes the user's input into the document. */
  readonly isWriting: () => boolean
}

/**
 * Guards a document against the editors that are bound to it. It checks every change before any
 * observer receives it. If an editor would lose something, all editors are unbound before they
 * receive the change.
 */
export class ContentGuard {
  readonly fragment: Y.XmlFragment
  readonly #doc: Y.Doc
  readonly #schemaWith: ((extra: ExtraAttributes) => Schema) | null
  readonly #bound = new Set<BoundEditor>()
  readonly #listeners = new Set<() => void>()
  #known: Known = new WeakMap()
  #schema: Schema
  #mayTidy: boolean
  #isClosed = false
  #state: GuardState = { foreign: [], extra: {}, error: null, unsaved: null, edition: 0 }

  constructor(fragment: Y.XmlFragment, { schema, mayTidy = true }: GuardOptions) {
    if (fragment.doc === null) throw new TypeError('the fragment is not part of a Y.Doc')
    this.fragment = fragment
    this.#doc = fragment.doc
    this.#schemaWith = typeof schema === 'function' ? schema : null
    this.#schema = typeof schema === 'function' ? schema({}) : schema
    this.#mayTidy = mayTidy
    this.#look()
    this.#doc.on('beforeObserverCalls', this.#onChange)
  }

  readonly getState = (): GuardState => this.#state

  /**
   * Calls the listener after each change of the state. @returns a function that ends the
   * subscription
   */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Asks to bind an editor that was created for the state of this edition.
   * @returns a function to call when the editor is unbound by itself; null: it may not be bound
   */
  admit(edition: number, editor: BoundEditor): (() => void) | null {
    const { foreign, error, edition: current } = this.#state
    const mayBind = !this.#isClosed && error === null && foreign.length === 0
    if (!mayBind || edition !== current) return null
    this.#bound.add(editor)
    return () => this.#bound.delete(editor)
  }

  /** Ends editing because of an exception; `unsaved` is the text of an edit that is not in the document. */
  fail(error: Error, unsaved: string | null): void {
    if (this.#isClosed || this.#state.error !== null) return
    this.#change({ ...this.#state, error, unsaved })
  }

  setMayTidy(mayTidy: boolean): void {
    if (mayTidy === this.#mayTidy) return
    this.#mayTidy = mayTidy
    this.#known = new WeakMap()
    this.#look()
  }

  /** Unbinds all editors, and stops checking changes. */
  close(): void {
    this.#isClosed = true
    this.#unbindAll()
    this.#doc.off('beforeObserverCalls', this.#onChange)
  }

  readonly #onChange = (transaction: Y.Transaction): void => {
    forget(this.#known, transaction.changed.keys())
    // The schema allows whatever an editor with this schema writes.
    const isOwn = [...this.#bound].some((editor) => editor.isWriting())
    if (isOwn && this.#state.foreign.length === 0) return
    this.#look()
  }

  #look(): void {
    const found = this.#find()
    const foreign =
      this.#schemaWith === null ? [...found.foreign, ...inWords(found.extra)] : found.foreign
    const isNew = this.#schemaWith !== null && Object.keys(found.extra).length > 0
    const isSame = foreign.join('\n') === this.#state.foreign.join('\n')
    if (!isNew && isSame) return
    const extra = isNew ? merged(this.#state.extra, found.extra) : this.#state.extra
    if (isNew && this.#schemaWith !== null) {
      this.#schema = this.#schemaWith(extra)
      this.#known = new WeakMap()
    }
    this.#change({ ...this.#state, foreign, extra })
  }

  /** Content that cannot be checked cannot be edited. */
  #find(): ReturnType<typeof findForeign> {
    try {
      return findForeign(this.fragment, this.#schema, {
        mayTidy: this.#mayTidy,
        known: this.#known,
      })
    } catch (error) {
      this.#known = new WeakMap()
      return { foreign: [`something that cannot be read (${String(error)})`], extra: {} }
    }
  }

  #change(state: GuardState): void {
    this.#state = { ...state, edition: this.#state.edition + 1 }
    this.#unbindAll()
    for (const listener of [...this.#listeners]) reporting(listener)
  }

  #unbindAll(): void {
    for (const { unbind } of [...this.#bound]) reporting(unbind)
    this.#bound.clear()
  }
}

/**
 * Runs a function of an editor or of the app. An exception is logged on the console: it must
 * neither keep other editors bound nor reach the transaction of the document, which belongs to
 * other code.
 */
export function reporting(work: () => void): void {
  try {
    work()
  } catch (error) {
    console.error(error)
  }
}

const inWords = (extra: ExtraAttributes): string[] =>
  Object.entries(extra).flatMap(([type, names]) => names.map((name) => `${type} with ${name}`))

function merged(one: ExtraAttributes, other: ExtraAttributes): ExtraAttributes {
  const types = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return Object.fromEntries(
    types.map((type) => [type, [...new Set([...(one[type] ?? []), ...(other[type] ?? [])])]]),
  )
}
