// Stores documents in the tables, and folds them.
import { randomUUID } from 'node:crypto'
import { migrate } from '@y-electric/server'
import type pg from 'pg'
import * as Y from 'yjs'
import { createApi, honestProposal } from '../compaction/api.ts'

export { honestProposal }

/** The API over a pool. These tests follow no shapes. */
export const apiOf = (pool: pg.Pool) =>
  createApi({ pool, shapes: { url: 'http://shapes.invalid' } })

export async function migrated(pool: pg.Pool): Promise<pg.Pool> {
  await migrate(pool)
  return pool
}

/** Appends each update as a separate row. @returns their seqs */
export async function append(
  pool: pg.Pool,
  docId: string,
  ...updates: readonly Uint8Array[]
): Promise<number[]> {
  const seqs: number[] = []
  for (const update of updates) {
    const { rows } = await pool.query<{ row_seq: string }>(
      'SELECT row_seq FROM ydoc_append($1, $2, $3)',
      [docId, randomUUID(), Buffer.from(update)],
    )
    seqs.push(Number(rows[0]?.row_seq))
  }
  return seqs
}

/** Seals all rows, and folds them. @returns the seq of the snapshot row */
export async function fold(pool: pg.Pool, docId: string): Promise<number> {
  const api = apiOf(pool)
  const { rows } = await pool.query<{ segment: number }>(
    'SELECT segment FROM ydoc_document WHERE doc_id = $1',
    [docId],
  )
  const active = rows[0]?.segment ?? 0
  await api.roll(docId, active)
  const answer = await api.fold(docId, active, await honestProposal(api, docId, active))
  if (answer.status !== 201) throw new Error(`the fold was answered with ${answer.message}`)
  return (answer.body as { seq: number }).seq
}

/** A document, and the update of each of its transactions. */
export function recorded(clientID?: number): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new Y.Doc({ guid: 'recorded' })
  if (clientID !== undefined) doc.clientID = clientID
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  return { doc, updates }
}

export const wholeOf = (doc: Y.Doc): Uint8Array => Y.encodeStateAsUpdate(doc)
