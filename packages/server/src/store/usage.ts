import type pg from 'pg'

/** Stored amounts. */
export interface Usage {
  /** Stored bytes of update rows and snapshot rows. */
  readonly bytes: number
  /** Update rows, without seals. */
  readonly rows: number
  /** Snapshot rows that are kept by name. */
  readonly versions: number
}

/** Stored amounts of one document. */
export interface DocumentUsage extends Usage {
  /** False if nothing was ever stored for it. */
  readonly exists: boolean
  /** The user whose write created it; null if not known. */
  readonly owner: string | null
}

/** Stored amounts of all documents of a user, or of all documents. */
export interface TotalUsage extends Usage {
  readonly documents: number
  /** Presence rows; those of a user are counted when a new one is written, and are 0 here. */
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

/** A document that was written, and its stored amounts now. */
export interface WrittenDocument {
  readonly docId: string
  readonly usage: Omit<DocumentUsage, 'exists'>
}

/** Records the stored amounts of documents, for the totals. A recorded owner is kept. */
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

/**
 * Measures and records some documents that were never recorded: those that an older server wrote.
 * @param after the last document of the previous call
 * @returns the last document of this call; null if there are no more
 */
export async function noteUnnoted(
  pool: pg.Pool,
  after: string,
  limit: number,
): Promise<string | null> {
  const { rows } = await pool.query<{ last: string | null }>(
    `WITH unnoted AS (
       SELECT d.doc_id FROM ydoc_document d
       WHERE d.doc_id > $1 AND d.deleted_at IS NULL
         AND NOT EXISTS (SELECT FROM ydoc_usage n WHERE n.doc_id = d.doc_id)
       ORDER BY d.doc_id LIMIT $2
     ), noted AS (
       INSERT INTO ydoc_usage (doc_id, bytes, rows, versions)
       SELECT u.doc_id, m.bytes, m.rows, m.versions
       FROM unnoted u CROSS JOIN LATERAL ydoc_usage_of(u.doc_id) m
       ON CONFLICT DO NOTHING
     )
     SELECT max(doc_id) AS last FROM unnoted`,
    [after, limit],
  )
  return requireRow(rows).last
}

const TOTALS = `count(*) AS documents, coalesce(sum(n.bytes), 0)::bigint AS bytes,
  coalesce(sum(n.rows), 0)::bigint AS rows, coalesce(sum(n.versions), 0)::bigint AS versions`

// If a document is deleted while it is measured, its row in `ydoc_usage` is left over.
const NOTED = `ydoc_usage n JOIN ydoc_document d ON d.doc_id = n.doc_id AND d.deleted_at IS NULL`

/** The recorded totals of all documents that a user created. */
export async function measureUser(pool: pg.Pool, user: string): Promise<TotalUsage> {
  const { rows } = await pool.query<UsageRecord & { documents: string }>(
    `SELECT ${TOTALS} FROM ${NOTED} WHERE n.owner = $1`,
    [user],
  )
  return toTotal({ ...requireRow(rows), presence_rows: '0' })
}

/** The recorded totals of all documents. A document that was never recorded counts as empty. */
export async function measureTotal(pool: pg.Pool): Promise<TotalUsage> {
  const { rows } = await pool.query<UsageRecord & { documents: string; presence_rows: string }>(
    `SELECT ${TOTALS}, (SELECT count(*) FROM ydoc_awareness) AS presence_rows
     FROM ydoc_document d LEFT JOIN ydoc_usage n ON n.doc_id = d.doc_id
     WHERE d.deleted_at IS NULL`,
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

/** Whether a batch is already stored: a retry of it adds nothing. */
export async function hasBatch(pool: pg.Pool, docId: string, batchId: string): Promise<boolean> {
  const { rows } = await pool.query(
    'SELECT 1 FROM ydoc_update WHERE doc_id = $1 AND batch_id = $2',
    [docId, batchId],
  )
  return rows.length > 0
}
