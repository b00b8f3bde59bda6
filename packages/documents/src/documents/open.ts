import { type Limits, RequestError } from '@y-electric/server'
import { appendUpdates, readState, requireDocId, withDefaults } from '@y-electric/server/extension'
import type pg from 'pg'
import {
  applyRow,
  endingTransactions,
  guardMapEntries,
  isSoundRow,
  mergeUpdates,
  readSnapshotRow,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { batchesOf } from './batches.ts'

/** A document that a back end reads and writes. The caller closes it. */
export interface OpenDocument {
  readonly docId: string
  /**
   * The document as of the last read: opening, or the last `transact`. After a failed `transact` it is another
   * Y.Doc, so read this property each time, or use the argument of `transact`.
   */
  readonly doc: Y.Doc
  /**
   * Reads the rows that were stored meanwhile, runs `fn`, and stores its changes, all or none. When it
   * resolves, they are committed and on their way to every client. Concurrent edits are no conflict: Yjs
   * merges them. Calls run one after another.
   *
   * `fn` must be synchronous. Edits outside of `fn` are stored by the next call.
   * @returns the seq of the last row that was written; null if nothing was changed
   * @throws {RequestError} `deleted`, `invalid_request` after `close()`; any error of `fn`, after which
   * nothing is stored and `doc` is read again
   */
  transact(fn: (doc: Y.Doc) => void): Promise<{ readonly seq: number } | null>
  /** Closes the document and frees its memory. Closing twice has no effect. */
  close(): void
}

export interface OpenOptions {
  /**
   * Makes every fold keep deleted content, beginning with the first row that is written here. A document
   * that keeps its history does so without this option, and `doc.gc` is false.
   */
  readonly keepHistory?: boolean | undefined
  readonly limits?: Partial<Limits> | undefined
}

/**
 * Opens a document for reading and writing on the server. A document that was never written is empty.
 * @throws {RequestError} `invalid_doc_id`, `deleted`
 */
export async function openDocument(
  pool: pg.Pool,
  docId: string,
  { keepHistory = false, limits = {} }: OpenOptions = {},
): Promise<OpenDocument> {
  requireDocId(docId)
  const opened = new StoredDocument(pool, docId, keepHistory, withDefaults(limits))
  await opened.refresh()
  return opened
}

class StoredDocument implements OpenDocument {
  readonly docId: string
  readonly #pool: pg.Pool
  readonly #limits: Limits
  readonly #keepHistory: boolean
  #doc: Y.Doc
  /** Rows that the document already contains. */
  #known = { snapshot: null as number | null, rows: new Set<number>() }
  /** Edits that no row holds yet. */
  #edits: Uint8Array[] = []
  #isReading = false
  #isClosed = false
  /** Resolves when the last `transact` has ended. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(pool: pg.Pool, docId: string, keepHistory: boolean, limits: Limits) {
    this.#pool = pool
    this.docId = docId
    this.#limits = limits
    this.#keepHistory = keepHistory
    this.#doc = new Y.Doc({ gc: !keepHistory })
    guardMapEntries(this.#doc)
    this.#listen()
  }

  get doc(): Y.Doc {
    return this.#doc
  }

  transact(fn: (doc: Y.Doc) => void): Promise<{ readonly seq: number } | null> {
    const result = this.#last.then(() => this.#transact(fn))
    this.#last = result.catch(() => {})
    return result
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#edits = []
    this.#known.rows.clear()
    this.#doc.destroy()
  }

  /** Applies stored rows that are not applied yet. */
  async refresh(): Promise<void> {
    const { snapshot, rows, keepHistory } = await readState(
      this.#pool,
      this.docId,
      this.#known.snapshot,
      { maxBytes: this.#limits.maxReadBytes },
    )
    this.#requireOpen()
    if (keepHistory) this.#doc.gc = false
    const fresh = rows
      .filter(({ seq, data }) => !this.#known.rows.has(seq) && isSoundRow(data))
      .map(({ data }) => data)
    const apply = () => {
      if (snapshot?.data) Y.applyUpdateV2(this.#doc, readSnapshotRow(snapshot.data).data)
      applyTogether(this.#doc, fresh)
    }
    this.#isReading = true
    try {
      // Not `doc.transact`: rows from outside are not local edits.
      endingTransactions(this.#doc, () => Y.transact(this.#doc, apply, this, false))
    } catch (error) {
      if (!this.#doc.gc) throw error
      // Yjs throws while it collects the garbage of some types. Their content is the same without collecting.
      this.#renew(false)
      return this.refresh()
    } finally {
      this.#isReading = false
    }
    this.#known = { snapshot: snapshot?.seq ?? null, rows: new Set(rows.map(({ seq }) => seq)) }
  }

  async #transact(fn: (doc: Y.Doc) => void): Promise<{ readonly seq: number } | null> {
    this.#requireOpen()
    await this.refresh()
    try {
      const returned: unknown = this.#doc.transact(() => fn(this.#doc))
      if (returned instanceof Promise) throw new TypeError('transact takes a synchronous function')
      return await this.#write()
    } catch (error) {
      await this.#startOver()
      throw error
    }
  }

  async #write(): Promise<{ readonly seq: number } | null> {
    if (this.#edits.length === 0) return null
    const update = Y.mergeUpdates(this.#edits)
    const batches = batchesOf(update, this.#limits)
    const options = { ...this.#limits, keepHistory: this.#keepHistory }
    const seq = await appendUpdates(this.#pool, this.docId, batches, options)
    this.#edits = []
    return { seq }
  }

  /**
   * Yjs cannot roll a transaction back, and only the rows show whether a write whose answer was lost is
   * committed. If they cannot be read either, the document is closed.
   */
  async #startOver(): Promise<void> {
    if (this.#isClosed) return
    this.#edits = []
    this.#renew(!this.#keepHistory)
    await this.refresh().catch(() => this.close())
  }

  /** Replaces the Y.Doc, with the edits that no row holds yet. */
  #renew(gc: boolean): void {
    this.#doc.destroy()
    this.#doc = new Y.Doc({ gc })
    guardMapEntries(this.#doc)
    this.#known = { snapshot: null, rows: new Set() }
    for (const edit of this.#edits) Y.applyUpdate(this.#doc, edit)
    this.#listen()
  }

  #listen(): void {
    this.#doc.on('update', (update: Uint8Array) => {
      // While reading, Yjs may remove useless formatting; every client does that in the same way.
      if (!this.#isReading) this.#edits.push(update)
    })
  }

  #requireOpen(): void {
    if (!this.#isClosed) return
    throw new RequestError('invalid_request', 'this document was closed: open it again')
  }
}

/** Applies rows, except those that make Yjs throw together with others. */
function applyTogether(doc: Y.Doc, updates: readonly Uint8Array[]): void {
  if (updates.length === 0) return
  try {
    applyRow(doc, mergeUpdates(updates))
  } catch {
    for (const update of updates) {
      try {
        applyRow(doc, update)
      } catch {
        // `verify` names this row.
      }
    }
  }
}
