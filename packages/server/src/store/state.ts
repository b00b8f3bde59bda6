import type pg from 'pg'
import type { SnapshotRow, StoredState, UpdateRow } from 'y-electric/protocol'
import { deletedError } from './deleted.ts'

interface StateRecord {
  kind: 'document' | 'keeping document' | 'deleted' | 'snapshot' | 'update'
  seq: string | null
  segment: number
  data: Buffer | null
}

/**
 * One statement is one database snapshot: the parts cannot disagree, and a fold that commits
 * meanwhile is either wholly before or wholly after. `$2` is the snapshot row that the reader has.
 */
const READ_STATE = `
  WITH newest AS (
    SELECT seq, through_segment, data FROM ydoc_snapshot
    WHERE doc_id = $1 AND through_segment IS NOT NULL ORDER BY through_segment DESC LIMIT 1
  )
  SELECT CASE WHEN deleted_at IS NOT NULL THEN 'deleted'
              WHEN keep_history THEN 'keeping document' ELSE 'document' END AS kind,
         NULL::bigint AS seq, segment, NULL::bytea AS data
  FROM ydoc_document WHERE doc_id = $1
  UNION ALL
  SELECT 'snapshot', seq, through_segment, CASE WHEN seq = $2 THEN NULL ELSE data END FROM newest
  UNION ALL
  (SELECT 'update', seq, segment, data FROM ydoc_update
   WHERE doc_id = $1
     AND segment > coalesce((SELECT through_segment FROM newest), -1)
     AND data <> ''
   ORDER BY segment, seq)`

/**
 * Reads a document's state. A document that nobody has written yet is empty, with segment 0 active.
 * @throws {RequestError} deleted
 */
export async function readState(
  pool: pg.Pool,
  docId: string,
  knownSnapshot: number | null,
): Promise<StoredState> {
  const { rows } = await pool.query<StateRecord>({
    name: 'ydoc_state',
    text: READ_STATE,
    values: [docId, knownSnapshot],
  })
  let activeSegment = 0
  let keepHistory = false
  let snapshot: SnapshotRow | null = null
  const updates: UpdateRow[] = []
  for (const { kind, seq, segment, data } of rows) {
    if (kind === 'deleted') throw deletedError()
    if (kind === 'document' || kind === 'keeping document') {
      activeSegment = segment
      keepHistory = kind === 'keeping document'
    } else if (kind === 'snapshot') snapshot = { seq: Number(seq), throughSegment: segment, data }
    else if (data !== null) updates.push({ seq: Number(seq), segment, data })
  }
  return { activeSegment, snapshot, rows: updates, keepHistory }
}
