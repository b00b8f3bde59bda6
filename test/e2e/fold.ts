// The effect of a fold on the tables, by SQL: for tests of code that must cope with folds.
import type pg from 'pg'
import * as Y from 'yjs'

/** Replaces all sealed segments by one snapshot row. @returns false if there was nothing to fold */
export async function foldBySql(pool: pg.Pool, docId: string): Promise<boolean> {
  const client = await pool.connect()
  const folded = new Y.Doc({ guid: 'folded' })
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock(ydoc_lock_key($1))', [docId])
    const updates = await client.query<{ segment: number; data: Buffer }>(
      `DELETE FROM ydoc_update u USING ydoc_document d
       WHERE u.doc_id = $1 AND d.doc_id = u.doc_id AND u.segment < d.segment
       RETURNING u.segment, u.data`,
      [docId],
    )
    const snapshots = await client.query<{ data: Buffer }>(
      `DELETE FROM ydoc_snapshot WHERE doc_id = $1 AND through_segment IS NOT NULL
       RETURNING data`,
      [docId],
    )
    folded.transact(() => {
      for (const { data } of snapshots.rows) Y.applyUpdateV2(folded, data)
      for (const { data } of updates.rows) if (data.length > 0) Y.applyUpdate(folded, data)
    })
    const through = Math.max(-1, ...updates.rows.map(({ segment }) => segment))
    if (through < 0 || folded.store.pendingStructs || folded.store.pendingDs) {
      await client.query('ROLLBACK')
      return false
    }
    await client.query(
      'INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES ($1, $2, $3)',
      [docId, through, Buffer.from(Y.encodeStateAsUpdateV2(folded))],
    )
    await client.query('COMMIT')
    return true
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
    folded.destroy()
  }
}
