// The reading statements of the store: state, segments, newest rows, usage.
import { ANNOUNCED_SEQS } from 'y-electric/protocol'
import type { ResultRow, Statement, StatementContext } from './statement.ts'
import type { SnapshotRow, UpdateRow } from './tables.ts'
import type { Transaction } from './transaction.ts'

/** The bytes of a packed row without its data: `PACKED_ROW_BYTES` of the store. */
const PACKED_ROW_BYTES = 8 + 4 + 4 + 16

const isSeal = ({ data }: UpdateRow): boolean => data.byteLength === 0
const bySegment = (a: UpdateRow, b: UpdateRow): number => a.segment - b.segment || a.seq - b.seq
export const bytesOf = (rows: readonly { readonly data: Uint8Array }[]): number =>
  rows.reduce((sum, { data }) => sum + data.byteLength, 0)

export const updatesOf = (tx: Transaction, docId: string): UpdateRow[] =>
  tx.rows('updates').filter((row) => row.docId === docId)

export const snapshotsOf = (tx: Transaction, docId: string): SnapshotRow[] =>
  tx.rows('snapshots').filter((row) => row.docId === docId)

/** The newest snapshot row that a fold wrote. */
export function newestFold(tx: Transaction, docId: string): SnapshotRow | null {
  let newest: SnapshotRow | null = null
  for (const row of snapshotsOf(tx, docId)) {
    if (row.throughSegment === null) continue
    if (newest === null || row.throughSegment > (newest.throughSegment ?? -1)) newest = row
  }
  return newest
}

const uuidBytes = (id: string | null): Buffer =>
  id === null ? Buffer.alloc(16) : Buffer.from(id.replaceAll('-', ''), 'hex')

function pack(rows: readonly UpdateRow[]): ResultRow {
  const int8 = Buffer.alloc(8 * rows.length)
  const segments = Buffer.alloc(4 * rows.length)
  const lengths = Buffer.alloc(4 * rows.length)
  for (const [i, { seq, segment, data }] of rows.entries()) {
    int8.writeBigInt64BE(BigInt(seq), 8 * i)
    segments.writeInt32BE(segment, 4 * i)
    lengths.writeInt32BE(data.byteLength, 4 * i)
  }
  return {
    count: rows.length,
    seqs: int8,
    segments,
    lengths,
    batchIds: Buffer.concat(rows.map(({ batchId }) => uuidBytes(batchId))),
    data: Buffer.concat(rows.map(({ data }) => data)),
  }
}

type Kind = 'after-snapshot' | 'through' | 'all'

/** Corresponds to `headOf` of store/document.ts. */
function head(kind: Kind, { tx, values }: StatementContext): ResultRow[] {
  const [docId, known, maxBytes, through] = values as [string, number | null, number, number?]
  const document = tx.row('documents', docId)
  if (document === undefined) return []
  const newest = newestFold(tx, docId)
  const chosen = updatesOf(tx, docId)
    .filter((row) => {
      if (kind === 'all') return true
      if (isSeal(row)) return false
      if (kind === 'through') return row.segment <= (through ?? -1)
      return row.segment > (newest?.throughSegment ?? -1)
    })
    .sort(bySegment)
  const bytes = bytesOf(chosen)
  const snapshotBytes = newest === null || newest.seq === known ? 0 : newest.data.byteLength
  const fits = bytes + PACKED_ROW_BYTES * chosen.length + snapshotBytes <= maxBytes
  const changedAt = chosen.reduce((latest, { createdAt }) => Math.max(latest, createdAt), -1)
  return [
    {
      active: document.segment,
      created_at: new Date(document.createdAt),
      deleted_at: document.deletedAt === null ? null : new Date(document.deletedAt),
      keep_history: document.keepHistory,
      snapshot_seq: newest === null ? null : String(newest.seq),
      through_segment: newest?.throughSegment ?? null,
      snapshot_bytes: newest?.data.byteLength ?? null,
      snapshot_created_at: newest === null ? null : new Date(newest.createdAt),
      snapshot_structs: newest?.structs ?? null,
      snapshot_data:
        fits && newest !== null && newest.seq !== known ? Buffer.from(newest.data) : null,
      row_count: chosen.length,
      row_bytes: bytes,
      row_structs: chosen.reduce(
        (sum, { structs, data }) => sum + (structs ?? Math.floor(data.byteLength / 8) + 1),
        0,
      ),
      changed_at: changedAt < 0 ? null : new Date(changedAt),
      fits,
      ...pack(fits ? chosen : []),
    },
  ]
}

/** The common beginning of the three statements that read a head, which differ only in their condition. */
const HEAD_BEGINS =
  'WITH newest AS ( SELECT seq, through_segment, length(data) AS bytes, created_at, structs FROM ydoc_snapshot WHERE doc_id = $1 AND through_segment IS NOT NULL ORDER BY through_segment DESC LIMIT 1 ), size AS ( SELECT count(*)::int AS count, coalesce(sum(length(data)), 0)::float8 AS bytes, max(created_at) AS changed_at, coalesce(sum(coalesce(structs, length(data) / 8 + 1)), 0)::float8 AS structs FROM ydoc_update u WHERE'

const EXISTS = 'SELECT deleted_at IS NOT NULL AS is_deleted FROM ydoc_document WHERE doc_id = $1'

/** The common beginning of the statements for one segment and for many. */
const SEGMENT_BEGINS =
  'SELECT coalesce(d.segment, 0) AS active, d.deleted_at IS NOT NULL AS is_deleted, (SELECT max(s.through_segment) FROM ydoc_snapshot s WHERE s.doc_id ='

/** Corresponds to `columns` of store/newest.ts. */
const segmentOf = (tx: Transaction, docId: string, wanted: number | undefined): ResultRow => ({
  active: tx.row('documents', docId)?.segment ?? 0,
  is_deleted: (tx.row('documents', docId)?.deletedAt ?? null) !== null,
  folded: newestFold(tx, docId)?.throughSegment ?? null,
  seqs: updatesOf(tx, docId)
    .filter(({ segment }) => segment === wanted)
    .map(({ seq }) => seq)
    .sort((a, b) => b - a)
    .slice(0, ANNOUNCED_SEQS)
    .join(','),
})

export const READ_STATEMENTS: readonly Statement[] = [
  {
    begins: `${HEAD_BEGINS} u.doc_id = $1 AND u.data <> '' AND u.segment > coalesce(`,
    run: (context) => head('after-snapshot', context),
  },
  {
    begins: `${HEAD_BEGINS} u.doc_id = $1 AND u.data <> '' AND u.segment <= $4`,
    run: (context) => head('through', context),
  },
  { begins: `${HEAD_BEGINS} u.doc_id = $1 )`, run: (context) => head('all', context) },
  {
    begins: `${SEGMENT_BEGINS} $1)`,
    run: ({ tx, values }) => {
      const [docId, segment] = values as [string, number]
      return [segmentOf(tx, docId, segment)]
    },
  },
  {
    begins: `${SEGMENT_BEGINS} asked.doc_id)`,
    run: ({ tx, values }) => {
      const [docIds, segments] = values as [string[], number[]]
      return docIds.map((docId, i) => segmentOf(tx, docId, segments[i]))
    },
  },
  {
    begins: 'SELECT count(u.seq)::int AS row_count,',
    run: ({ tx, values }) => {
      const [docId, active] = values as [string, number]
      const document = tx.row('documents', docId)
      if (document === undefined || document.segment !== active || document.deletedAt !== null) {
        return []
      }
      const rows = updatesOf(tx, docId).filter(({ segment }) => segment === active)
      const age = (tx.startedAt - document.segmentOpenedAt) / 1_000
      return [{ row_count: rows.length, bytes: bytesOf(rows), age }]
    },
  },
  {
    begins: EXISTS,
    run: ({ tx, values }) => {
      const document = tx.row('documents', values[0] as string)
      return document === undefined ? [] : [{ is_deleted: document.deletedAt !== null }]
    },
  },
  {
    begins: 'SELECT found, bytes, rows, versions, (SELECT owner FROM ydoc_usage',
    run: ({ tx, values }) => {
      const docId = values[0] as string
      const updates = updatesOf(tx, docId)
      const snapshots = snapshotsOf(tx, docId)
      return [
        {
          found: tx.row('documents', docId) !== undefined,
          bytes: String(bytesOf(updates) + bytesOf(snapshots)),
          rows: String(updates.filter((row) => !isSeal(row)).length),
          versions: String(snapshots.filter(({ label }) => label !== null).length),
          owner: null,
        },
      ]
    },
  },
  {
    // The server measures documents that no server has measured yet in several parts.
    begins: 'WITH unnoted AS ( SELECT d.doc_id FROM ydoc_document d',
    run: ({ tx, values }) => {
      const [after, limit] = values as [string, number]
      const unnoted = tx
        .rows('documents')
        .filter(({ docId, deletedAt }) => docId > after && deletedAt === null)
        .filter(({ docId }) => tx.row('usage', docId) === undefined)
        .map(({ docId }) => docId)
        .sort()
        .slice(0, limit)
      for (const docId of unnoted) tx.put('usage', { docId, bytes: 0, rows: 0, versions: 0 })
      return [{ last: unnoted.at(-1) ?? null }]
    },
  },
  {
    begins: 'INSERT INTO ydoc_usage AS n',
    run: ({ tx, values }) => {
      const [docIds, , bytes, rows, versions] = values as [string[], unknown, ...number[][]]
      for (const [i, docId] of docIds.entries()) {
        if ((tx.row('documents', docId)?.deletedAt ?? 0) !== null) continue
        const usage = { bytes: bytes?.[i] ?? 0, rows: rows?.[i] ?? 0, versions: versions?.[i] ?? 0 }
        tx.put('usage', { docId, ...usage })
      }
      return []
    },
  },
  {
    begins: 'SELECT count(*) AS documents, coalesce(sum(n.bytes), 0)::bigint AS bytes,',
    run: ({ tx }) => {
      const noted = tx.rows('usage')
      const sum = (name: 'bytes' | 'rows' | 'versions') =>
        String(noted.reduce((total, row) => total + row[name], 0))
      return [
        {
          documents: String(noted.length),
          bytes: sum('bytes'),
          rows: sum('rows'),
          versions: sum('versions'),
          presence_rows: String(tx.rows('presence').length),
        },
      ]
    },
  },
  {
    begins: 'SELECT 1 FROM ydoc_update WHERE doc_id = $1 AND batch_id = $2',
    run: ({ tx, values }) => {
      const [docId, batchId] = values as [string, string]
      const found = updatesOf(tx, docId).some((row) => row.batchId === batchId)
      return found ? [{ '?column?': 1 }] : []
    },
  },
  {
    begins: 'SELECT seq FROM ydoc_update WHERE doc_id = $1 AND batch_id = $2',
    run: ({ tx, values }) => {
      const [docId, batchId] = values as [string, string]
      const found = updatesOf(tx, docId).filter((row) => row.batchId === batchId)
      return found.map(({ seq }) => ({ seq: String(seq) }))
    },
  },
  { begins: 'SELECT 1', run: () => [{ '?column?': 1 }] },
]
