// Checks the rules about stored rows at every commit: ACK-3, KEEP-1, SEG-1, FOLD-1, FOLD-3.
import { isSoundRow } from 'y-electric/protocol'
import * as Y from 'yjs'
import { expectConverged, rebuild, type StoredRows } from '../../harness/oracle.ts'
import type { DatabaseDouble } from '../database/database.ts'
import type { Change, Commit, DocumentRow, SnapshotRow, UpdateRow } from '../database/tables.ts'
import { emptyDoc, holdsTheSame, isWaiting, keptHistoryOf, RuleBroken } from './content.ts'

export class StoredRules {
  readonly #database: DatabaseDouble
  readonly #docId: string
  /** A document to which every committed row was applied. */
  readonly everything: Y.Doc
  readonly #keepsHistory: boolean
  /** All batches that were ever committed. */
  readonly #batches = new Set<string>()
  /** Increases with every commit of an update row. */
  version = 0
  folds = 0
  /** The first rule that a commit broke. It is kept here, because an exception would only reach the server. */
  broken: unknown = null

  constructor(database: DatabaseDouble, docId: string, keepsHistory: boolean) {
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

  /** The current rows of the document. */
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
    const updates = own.filter(isOfUpdates)
    for (const { before, after } of updates) {
      if (before === null && after !== null) this.#inserted(after, own)
    }
    this.#requireWholeSegments(updates)
    const isFold = own.some(({ table, before }) => table === 'snapshots' && before === null)
    const isDeletion = updates.some(({ after }) => after === null)
    if (isFold || isDeletion) this.#requireUnchanged()
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
    if (row.batchId !== null) {
      const twin = [...this.#database.table('updates').values()].find(
        (other) => other.batchId === row.batchId && other.seq !== row.seq,
      )
      if (twin) {
        throw new RuleBroken('ACK-3', `rows ${twin.seq} and ${row.seq} hold one batch`)
      }
      this.#batches.add(row.batchId)
    }
    if (isSoundRow(row.data)) Y.applyUpdate(this.everything, row.data)
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
    const rebuilt = this.#rebuild()
    try {
      if (!holdsTheSame(rebuilt, this.everything)) {
        throw new RuleBroken('FOLD-1', 'the stored rows give another document than before the fold')
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
