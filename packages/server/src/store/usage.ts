import type pg from 'pg'

/** Stored amounts. */
export interface Usage {
  /** Stored bytes of update rows and snapshot rows. */
  readonly bytes: number
  /** Update rows, seals not among them. */
  readonly rows: number
  /** Snapshot rows that are kept by name. */
  readonly versions: number
}

/** Stored amounts of one document. */
export interface DocumentUsage extends Usage {
  /** False when nothing was ever stored of it. */
  readonly exists: boolean
  /** The user whose write created it; null if this is not known. */
  readonly owner: string | null
}

/** Stored amounts of all documents of a user, or of all documents. */
export interface TotalUsage extends Usage {
  readonly documents: number
  /** Presence rows; of a user they are counted when one arrives, and are 0 here. */
  readonly presenceRows: number
}

interface UsageRecord {
  bytes: string
  rows: string
  versions: string
}

const toUsage = ({ bytes, rows, versions }: UsageRecord): Usage => ({
  bytes: Number(bytes),
  rows: Number(rows),
  versions: Number(versions),
})

/** Measures one document. It reads the sizes of its rows, not their bytes. */
export async function measureDocument(pool: pg.Pool, docId: string): Promise<DocumentUsage> {
  const { rows } = await pool.query<UsageRecord & { found: boolean; owner: string | null }>({
    name: 'ydoc_usage_of',
    text: `SELECT found, bytes, rows, versions,
                  (SELECT owner FROM ydoc_usage WHERE doc_id = $1) AS owner
           FROM ydoc_usage_of($1)`,
    values: [docId],
  })
  const { found, owner, ...usage } = requireRow(rows)
  return { ...toUsage(usage), exists: found, owner }
}

/** A document that was written, and what is stored of it now. */
export interface WrittenDocument {
  readonly docId: string
  readonly usage: Omit<DocumentUsage, 'exists'>
}

/** Notes what is stored of documents, for the totals. An owner that was noted before stays. */
export async function noteUsage(
  pool: pg.Pool,
  documents: readonly WrittenDocument[],
): Promise<void> {
  const column = (name: keyof Usage) => documents.map(({ usage }) => usage[name])
  await pool.query(
    `INSERT INTO ydoc_usage AS n (doc_id, owner, bytes, rows, versions)
     SELECT w.doc_id, w.owner, w.bytes, w.rows, w.versions
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
          AS w (doc_id, owner, bytes, rows, versions)
     JOIN ydoc_document d ON d.doc_id = w.doc_id AND d.deleted_at IS NULL
     ORDER BY w.doc_id
     ON CONFLICT (doc_id) DO UPDATE
       SET bytes = excluded.bytes, rows = excluded.rows, versions = excluded.versions,
           owner = coalesce(n.owner, excluded.owner), measured_at = now()`,
    [
      documents.map(({ docId }) => docId),
      documents.map(({ usage }) => usage.owner),
      column('bytes'),
      column('rows'),
      column('versions'),
    ],
  )
}

const TOTALS = `count(*) AS documents, coalesce(sum(n.bytes), 0)::bigint AS bytes,
  coalesce(sum(n.rows), 0)::bigint AS rows, coalesce(sum(n.versions), 0)::bigint AS versions`

// A document may be deleted while it is measured: then its row here is left over.
const NOTED = `ydoc_usage n JOIN ydoc_document d ON d.doc_id = n.doc_id AND d.deleted_at IS NULL`

/** The noted totals of all documents that a user created. */
export async function measureUser(pool: pg.Pool, user: string): Promise<TotalUsage> {
  const { rows } = await pool.query<UsageRecord & { documents: string }>(
    `SELECT ${TOTALS} FROM ${NOTED} WHERE n.owner = $1`,
    [user],
  )
  return toTotal({ ...requireRow(rows), presence_rows: '0' })
}

/** The noted totals of all documents. */
export async function measureTotal(pool: pg.Pool): Promise<TotalUsage> {
  const { rows } = await pool.query<UsageRecord & { documents: string; presence_rows: string }>(
    `SELECT ${TOTALS}, (SELECT count(*) FROM ydoc_awareness) AS presence_rows FROM ${NOTED}`,
  )
  return toTotal(requireRow(rows))
}

const toTotal = (row: UsageRecord & { documents: string; presence_rows: string }): TotalUsage => ({
  ...toUsage(row),
  documents: Number(row.documents),
  presenceRows: Number(row.presence_rows),
})

function requireRow<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('an aggregate returned no row')
  return row
}

/** Whether a batch is stored already: a retry of it adds nothing. */
export async function hasBatch(pool: pg.Pool, docId: string, batchId: string): Promise<boolean> {
  const { rows } = await pool.query(
    'SELECT 1 FROM ydoc_update WHERE doc_id = $1 AND batch_id = $2',
    [docId, batchId],
  )
  return rows.length > 0
}
