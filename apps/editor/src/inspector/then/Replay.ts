import { applyRow, foldRows, guardMapEntries, isSoundRow } from 'y-electric/protocol'
import * as Y from 'yjs'

/** How long the page is blocked at most before it may draw again, in milliseconds. */
const SLICE_MS = 8
/** After how many rows the document is remembered, so that a step back need not begin at the first row. */
const STEP = 500
/** The most bytes that are remembered. */
const MOST_BYTES = 32 * 1_024 ** 2

/** The rows to replay. */
export interface Source {
  /** The bytes of the snapshot row; null if no row was folded. */
  readonly base: Uint8Array | null
  /** The rows after it, in their order in the log. */
  readonly rows: readonly Uint8Array[]
}

export interface ReplayOptions {
  readonly now: () => number
  /** Lets the page draw. */
  readonly breathe: () => Promise<void>
}

/** The document after some rows, in bytes. */
interface Checkpoint {
  readonly after: number
  readonly update: Uint8Array
}

/**
 * Builds a document as it was after a row, from the snapshot row and the rows after it. Deleted content stays in it,
 * so that it can be shown. A bad row is left out, as every client does.
 */
export class Replay {
  readonly #options: ReplayOptions
  #source: Source = { base: null, rows: [] }
  #doc: Y.Doc | null = null
  /** How many rows are applied to it. */
  #after = 0
  #checkpoints: Checkpoint[] = []
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  /**
   * Reads the document after the first `count` rows. It belongs to the replay: the next call changes it.
   * @returns what `read` returns; null if the signal was aborted
   */
  readAfter<T>(
    source: Source,
    count: number,
    read: (doc: Y.Doc) => T,
    signal: AbortSignal,
  ): Promise<T | null> {
    const run = this.#running
      .catch(() => {})
      .then(() => this.#goTo(source, count, signal))
      .then((doc) => (doc === null ? null : read(doc)))
    this.#running = run
    return run
  }

  async #goTo(source: Source, count: number, signal: AbortSignal): Promise<Y.Doc | null> {
    if (signal.aborted) return null
    this.#follow(source)
    if (this.#doc === null || this.#after > count) this.#goBack(count)
    let end = this.#options.now() + SLICE_MS
    while (this.#after < count) {
      const doc = this.#doc
      const row = source.rows[this.#after]
      if (doc === null || row === undefined) break
      apply(doc, row)
      this.#after++
      if (this.#after % STEP === 0) this.#remember(doc)
      if (this.#options.now() < end) continue
      await this.#options.breathe()
      if (signal.aborted) return null
      end = this.#options.now() + SLICE_MS
    }
    return this.#doc
  }

  /** Forgets what does not fit to other rows: a row may arrive late, and a fold removes rows. */
  #follow(source: Source): void {
    const same =
      source.base === this.#source.base ? commonLength(source.rows, this.#source.rows) : -1
    this.#checkpoints = this.#checkpoints.filter(({ after }) => after <= same)
    if (this.#after > same) this.#forget()
    this.#source = source
  }

  #goBack(count: number): void {
    this.#forget()
    const checkpoint = this.#checkpoints.findLast(({ after }) => after <= count)
    if (checkpoint === undefined) {
      this.#doc = foldRows({ previous: this.#source.base, rows: [] }, false).doc
      return
    }
    this.#doc = new Y.Doc({ gc: false })
    guardMapEntries(this.#doc)
    Y.applyUpdate(this.#doc, checkpoint.update)
    this.#after = checkpoint.after
  }

  #forget(): void {
    this.#doc?.destroy()
    this.#doc = null
    this.#after = 0
  }

  #remember(doc: Y.Doc): void {
    const after = this.#after
    if (this.#checkpoints.some((one) => one.after === after)) return
    const used = this.#checkpoints.reduce((sum, { update }) => sum + update.byteLength, 0)
    if (used > MOST_BYTES) return
    const update = Y.encodeStateAsUpdate(doc)
    this.#checkpoints = [...this.#checkpoints, { after, update }].sort((a, b) => a.after - b.after)
  }
}

function commonLength(some: readonly Uint8Array[], others: readonly Uint8Array[]): number {
  let length = 0
  while (length < some.length && some[length] === others[length]) length++
  return length
}

function apply(doc: Y.Doc, row: Uint8Array): void {
  if (!isSoundRow(row)) return
  try {
    applyRow(doc, row)
  } catch {
    // Yjs cannot apply the row after the rows before it; every client leaves it out.
  }
}
