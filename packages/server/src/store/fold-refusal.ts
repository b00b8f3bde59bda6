import { deletedError } from './deleted.ts'
import type { Queryable } from './pieces.ts'

/** The reason of a refusal. A refused fold changes nothing. */
export type FoldRefusal = 'busy' | 'not-sealed' | 'folded' | 'different'

/** Thrown to roll the transaction back. */
export class Refused extends Error {
  readonly refusal: FoldRefusal
  constructor(refusal: FoldRefusal, detail: string) {
    super(detail)
    this.refusal = refusal
  }
}

const BUSY = 'another compactor is at work'

/**
 * Takes the compaction lock until the transaction ends. It does not wait: another compactor that holds the
 * lock does the same work. Two concurrent folds are safe without the lock, because each deletes exactly the
 * rows that it has checked. A fold and a concurrent deletion of the document are not: a fold with no rows to
 * delete would not notice the deletion, and its snapshot row would bring the document back.
 */
export async function lockCompaction(client: Queryable, docId: string): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock(ydoc_compaction_key($1)) AS locked',
    [docId],
  )
  if (rows[0]?.locked !== true) throw new Refused('busy', BUSY)
}

/** The parts of a document that decide whether a segment can be folded, and from which rows. */
export interface Standing {
  readonly activeSegment: number
  readonly deletedAt: Date | null
  readonly keepHistory: boolean
  /** The newest snapshot row that is part of the state. */
  readonly snapshot: { readonly seq: number; readonly throughSegment: number } | null
}

/** @returns null if nothing was ever stored for the document */
export async function readStanding(client: Queryable, docId: string): Promise<Standing | null> {
  const { rows } = await client.query<{
    active: number
    deleted_at: Date | null
    keep_history: boolean
    snapshot_seq: string | null
    through_segment: number | null
  }>(
    `SELECT d.segment AS active, d.deleted_at, d.keep_history, n.seq AS snapshot_seq, n.through_segment
     FROM ydoc_document d LEFT JOIN LATERAL (
       SELECT seq, through_segment FROM ydoc_snapshot
       WHERE doc_id = d.doc_id AND through_segment IS NOT NULL
       ORDER BY through_segment DESC LIMIT 1) n ON true
     WHERE d.doc_id = $1`,
    [docId],
  )
  const [row] = rows
  if (row === undefined) return null
  const { snapshot_seq: seq, through_segment: throughSegment } = row
  return {
    activeSegment: row.active,
    deletedAt: row.deleted_at,
    keepHistory: row.keep_history,
    snapshot: seq === null || throughSegment === null ? null : { seq: Number(seq), throughSegment },
  }
}

/** @throws {Refused} @throws {RequestError} deleted */
export function requireFoldable(
  document: Omit<Standing, 'keepHistory'> | null,
  throughSegment: number,
): void {
  if (document !== null && document.deletedAt !== null) throw deletedError()
  const active = document?.activeSegment ?? 0
  if (throughSegment >= active) {
    throw new Refused('not-sealed', `segment ${throughSegment} is not sealed: ${active} is active`)
  }
  const folded = document?.snapshot?.throughSegment ?? -1
  if (folded >= throughSegment) {
    throw new Refused('folded', `segment ${throughSegment} was folded already`)
  }
}
