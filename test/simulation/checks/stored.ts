// The rules about stored rows, checked at every commit: ACK-3, KEEP-1, SEG-1, FOLD-1, FOLD-3, READ-1, DELETE.
import { isSoundRow } from 'y-electric/protocol'
import * as Y from 'yjs'
import { expectConverged, rebuild, type StoredRows } from '../../harness/oracle.ts'
import type { DatabaseDouble } from '../database/database.ts'
import type { Change, Commit, DocumentRow, SnapshotRow, UpdateRow } from '../database/tables.ts'
import { emptyDoc, holdsTheSame, isWaiting, keptHistoryOf, RuleBroken } from './content.ts'
import { OnceRule } from './once.ts'

export class StoredRules {
  readonly #database: DatabaseDouble
  readonly #docId: string
  /** A document to which this check applies every committed row. */
  readonly everything: Y.Doc
  readonly #keepsHistory: boolean
  readonly #once = new OnceRule()
  /** Whether each edit may be in one row only. */
  readonly #isOnce: () => boolean
  /** Batches that were committed at some moment. */
  readonly #batches = new Set<string>()
  /** When each row was committed. */
  readonly #committedAt = new Map<number, number>()
  /** Bad rows that were written around the server. The value is true once the row is stored. */
  readonly #bad = new Map<string, boolean>()
  /** Whether the document was deleted, after which no row of it may be stored. */
  isDeleted = false
  /** Grows with every commit of an update row. */
  version = 0
  folds = 0
  /** The first rule that a commit broke. It is kept here, because an exception would only reach the server. */
  broken: unknown = null

  constructor(
    database: DatabaseDouble,
    docId: string,
    keepsHistory: boolean,
    isOnce: () => boolean = () => false,
  ) {
    this.#isOnce = isOnce
    this.#database = database
    this.#docId = docId
    this.#keepsHistory = keepsHistory
    this.everything = emptyDoc(!keepsHistory)
    database.onCommit.push((commit) => {
      try {
        this.#onCommit(commit)
      } catch (error) {
        this.broken ??= error
      }
    })
  }

  /** Whether this batch was ever committed. */
  wasCommitted = (batchId: string): boolean => this.#batches.has(batchId)

  /** Whether a request is about this document. */
  concerns = (url: string): boolean => url.includes(`/docs/${this.#docId}/`)

  committedAt = (seq: number): number | undefined => this.#committedAt.get(seq)

  /** Called before a row with these bytes is stored, which no client can use. */
  expectBad(data: Uint8Array): void {
    this.#bad.set(textOf(data), false)
  }

  /** The rows from which the document is built now. */
  rows(): StoredRows {
    const rows = [...this.#database.table('updates').values()].filter(
      ({ docId, data }) => docId === this.#docId && data.byteLength > 0 && isSoundRow(data),
    )
    const updates = rows.sort((a, b) => a.seq - b.seq).map(({ data }) => data)
    const newest = this.#newestFold()
    return newest === null ? { updates } : { updates, snapshot: newest.data }
  }

  #newestFold(): SnapshotRow | null {
    const folds = [...this.#database.table('snapshots').values()].filter(
      ({ docId, throughSegment }) => docId === this.#docId && throughSegment !== null,
    )
    folds.sort((a, b) => (b.throughSegment ?? 0) - (a.throughSegment ?? 0))
    return folds[0] ?? null
  }

  #onCommit({ changes }: Commit): void {
    const own = changes.filter(({ before, after }) => (after ?? before)?.docId === this.#docId)
    if (own.length === 0) return
    this.isDeleted ||= own.some(isDeletion)
    if (this.isDeleted) {
      this.#requireNothingLeft()
      return
    }
    const updates = own.filter(isOfUpdates)
    for (const { before, after } of updates) {
      if (before === null && after !== null) this.#inserted(after, own)
    }
    this.#requireWholeSegments(updates)
    const isFold = own.some(({ table, before }) => table === 'snapshots' && before === null)
    const areDeleted = updates.some(({ after }) => after === null)
    if (isFold || areDeleted) this.#requireUnchanged()
  }

  #requireNothingLeft(): void {
    for (const table of ['updates', 'snapshots', 'presence'] as const) {
      const left = [...this.#database.table(table).values()].find(
        ({ docId, data }) => docId === this.#docId && data.byteLength > 0,
      )
      if (left !== undefined) {
        throw new RuleBroken('DELETE', `the document was deleted, and ${table} has a row of it`)
      }
    }
  }

  #inserted(row: UpdateRow, changes: readonly Change[]): void {
    const sealedNow = sealedBy(changes)
    const document = this.#database.table('documents').get(this.#docId)
    const active = document?.segment ?? 0
    const isSeal = row.data.byteLength === 0
    if (row.segment < active && !(isSeal && row.segment === sealedNow)) {
      throw new RuleBroken(
        'SEG-1',
        `row ${row.seq} was added to segment ${row.segment}, which is sealed`,
      )
    }
    if (isSeal) return
    this.version += 1
    this.#committedAt.set(row.seq, this.#database.now())
    const isSound = isSoundRow(row.data)
    if (!isSound) {
      if (!this.#bad.has(textOf(row.data))) {
        throw new RuleBroken('READ-1', `row ${row.seq} was stored, and no client can use it`)
      }
      this.#bad.set(textOf(row.data), true)
    }
    if (row.batchId !== null) {
      const twin = [...this.#database.table('updates').values()].find(
        (other) => other.batchId === row.batchId && other.seq !== row.seq,
      )
      if (twin) {
        throw new RuleBroken('ACK-3', `rows ${twin.seq} and ${row.seq} hold one batch`)
      }
      this.#batches.add(row.batchId)
    }
    if (this.#isOnce()) this.#once.inserted(row, this.#database.table('updates').values())
    if (isSound) Y.applyUpdate(this.everything, row.data)
  }

  #requireWholeSegments(updates: readonly Change<'updates'>[]): void {
    const gone = updates.flatMap(({ before, after }) =>
      after === null && before !== null ? [before] : [],
    )
    for (const segment of new Set(gone.map((row) => row.segment))) {
      const left = [...this.#database.table('updates').values()].find(
        (row) => row.docId === this.#docId && row.segment === segment,
      )
      if (left === undefined) continue
      throw new RuleBroken('SEG-1', `segment ${segment} was folded without row ${left.seq}`)
    }
  }

  /** Requires that a fold or a deletion of rows does not change the document. */
  #requireUnchanged(): void {
    this.folds += 1
    this.#requireBadRows()
    const rebuilt = this.#rebuild()
    try {
      if (!holdsTheSame(rebuilt, this.everything)) {
        throw new RuleBroken(
          'FOLD-1',
          'the stored rows give a different document than before the fold',
        )
      }
      if (isWaiting(rebuilt) !== isWaiting(this.everything)) {
        throw new RuleBroken('KEEP-1', 'a row that waits for others was removed')
      }
      if (!isWaiting(rebuilt)) this.#requireEqual()
      if (this.#keepsHistory && keptHistoryOf(rebuilt) < keptHistoryOf(this.everything)) {
        throw new RuleBroken(
          'FOLD-3',
          'a fold removed deleted content of a document that keeps its history',
        )
      }
    } finally {
      rebuilt.destroy()
    }
  }

  /** A fold carries over rows that it cannot read. */
  #requireBadRows(): void {
    const rows = [...this.#database.table('updates').values()]
    const there = new Set(rows.map(({ data }) => textOf(data)))
    for (const [text, isStored] of this.#bad) {
      if (isStored && !there.has(text)) throw new RuleBroken('READ-1', 'a fold dropped a bad row')
    }
  }

  #requireEqual(): void {
    try {
      expectConverged([this.everything], this.rows())
    } catch (error) {
      throw new RuleBroken('FOLD-1', (error as Error).message)
    }
  }

  #rebuild(): Y.Doc {
    if (!this.#keepsHistory) return rebuild(this.rows())
    const { updates, snapshot } = this.rows()
    const doc = emptyDoc(false)
    if (snapshot) Y.applyUpdateV2(doc, snapshot)
    for (const update of updates) Y.applyUpdate(doc, update)
    return doc
  }
}

const textOf = (data: Uint8Array): string => Buffer.from(data).toString('base64')

const isDeletion = ({ table, before, after }: Change): boolean =>
  table === 'documents' &&
  after !== null &&
  (after as DocumentRow).deletedAt !== null &&
  (before as DocumentRow | null)?.deletedAt === null

const isOfUpdates = (change: Change): change is Change<'updates'> => change.table === 'updates'

/** The segment that the transaction sealed; null if it sealed none. */
function sealedBy(changes: readonly Change[]): number | null {
  for (const { table, before, after } of changes) {
    if (table !== 'documents' || after === null) continue
    const [was, is] = [before as DocumentRow | null, after as DocumentRow]
    if (was !== null && is.segment > was.segment) return was.segment
  }
  return null
}
