// The statements of a fold.
import { bytesOf, newestFold, snapshotsOf, updatesOf } from './read-statements.ts'
import { type Statement, sqlError } from './statement.ts'
import type { UpdateRow } from './tables.ts'
import { compactionLock } from './write-statements.ts'

const chosen = (rows: readonly UpdateRow[], seqs: readonly (number | string)[]): UpdateRow[] => {
  const wanted = new Set(seqs.map(Number))
  return rows
    .filter(({ seq }) => wanted.has(seq))
    .sort((a, b) => a.segment - b.segment || a.seq - b.seq)
}

const int8s = (seqs: readonly number[]): Buffer => {
  const packed = Buffer.alloc(8 * seqs.length)
  for (const [i, seq] of seqs.entries()) packed.writeBigInt64BE(BigInt(seq), 8 * i)
  return packed
}

export const FOLD_STATEMENTS: readonly Statement[] = [
  {
    begins: 'SELECT pg_try_advisory_xact_lock(ydoc_compaction_key($1)) AS locked',
    run: ({ tx, values }) => [
      { locked: tx.tryLock(compactionLock(values[0] as string), 'exclusive') },
    ],
  },
  {
    begins: 'SELECT d.segment AS active, d.deleted_at, d.keep_history, n.seq AS snapshot_seq,',
    run: ({ tx, values }) => {
      const docId = values[0] as string
      const document = tx.row('documents', docId)
      if (document === undefined) return []
      const newest = newestFold(tx, docId)
      return [
        {
          active: document.segment,
          deleted_at: document.deletedAt === null ? null : new Date(document.deletedAt),
          keep_history: document.keepHistory,
          snapshot_seq: newest === null ? null : String(newest.seq),
          through_segment: newest?.throughSegment ?? null,
        },
      ]
    },
  },
  {
    begins:
      "SELECT coalesce(string_agg(data, '' ORDER BY segment, seq), '') AS data FROM ydoc_update",
    run: ({ tx, values }) => {
      const [docId, seqs] = values as [string, number[]]
      const rows = chosen(updatesOf(tx, docId), seqs)
      return [{ data: Buffer.concat(rows.map(({ data }) => data)) }]
    },
  },
  {
    begins: 'SELECT seq, structs FROM ydoc_update WHERE doc_id = $1 AND seq = ANY(',
    run: ({ tx, values }) => {
      const [docId, seqs] = values as [string, number[]]
      return chosen(updatesOf(tx, docId), seqs).map(({ seq, structs }) => ({
        seq: String(seq),
        structs,
      }))
    },
  },
  {
    begins: 'WITH deleted AS ( DELETE FROM ydoc_update WHERE doc_id = $1 AND segment <= $2',
    run: ({ tx, values }) => {
      const [docId, through] = values as [string, number]
      const rows = updatesOf(tx, docId)
        .filter(({ segment }) => segment <= through)
        .sort((a, b) => a.segment - b.segment || a.seq - b.seq)
      for (const row of rows) tx.delete('updates', row)
      const updates = rows.filter(({ data }) => data.byteLength > 0)
      return [{ seqs: int8s(updates.map(({ seq }) => seq)) }]
    },
  },
  {
    begins: 'INSERT INTO ydoc_snapshot (doc_id, through_segment, data, folded_rows,',
    run: ({ database, tx, values }) => {
      const [docId, throughSegment, data, foldedRows, foldedBytes, createdBy, keeps, structs] =
        values as [
          string,
          number,
          Uint8Array,
          number,
          number,
          string | null,
          boolean,
          number | null,
        ]
      if (!keeps && tx.row('documents', docId)?.keepHistory) {
        throw sqlError('YD409', 'the document keeps its history, and this snapshot row does not')
      }
      const seq = database.nextSeq('snapshots')
      tx.put('snapshots', {
        seq,
        docId,
        throughSegment,
        data: new Uint8Array(data),
        structs,
        keepHistory: keeps,
        label: null,
        createdBy,
        foldedRows,
        foldedBytes,
        createdAt: tx.startedAt,
      })
      return [{ seq: String(seq) }]
    },
  },
  {
    begins: 'SELECT seq, through_segment, label, created_at, now() AS now FROM ydoc_snapshot',
    run: ({ tx, values }) =>
      snapshotsOf(tx, values[0] as string).map(({ seq, throughSegment, label, createdAt }) => ({
        seq: String(seq),
        through_segment: throughSegment,
        label,
        created_at: new Date(createdAt),
        now: new Date(tx.startedAt),
      })),
  },
  {
    begins: 'DELETE FROM ydoc_snapshot WHERE doc_id = $1 AND seq = ANY(',
    run: ({ tx, values }) => {
      const [docId, seqs] = values as [string, number[]]
      const gone = new Set(seqs.map(Number))
      for (const row of snapshotsOf(tx, docId)) {
        if (gone.has(row.seq) && row.label === null) tx.delete('snapshots', row)
      }
      return []
    },
  },
  {
    begins: 'SELECT seq, through_segment, label, created_by, length(data) AS bytes, folded_rows,',
    run: ({ tx, values }) =>
      snapshotsOf(tx, values[0] as string)
        .sort((a, b) => b.seq - a.seq)
        .map((row) => ({
          seq: String(row.seq),
          through_segment: row.throughSegment,
          label: row.label,
          created_by: row.createdBy,
          bytes: bytesOf([row]),
          folded_rows: row.foldedRows,
          folded_bytes: String(row.foldedBytes),
          created_at: new Date(row.createdAt),
        })),
  },
]
