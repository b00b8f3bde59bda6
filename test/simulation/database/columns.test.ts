// A column of the log that someone adds must be written by everything that stores an update row, and exist in the
// double. The store reads back only some columns, so this test reads the table.
import { migrate } from '@y-electric/server'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { encodeFold } from 'y-electric/protocol'
import * as Y from 'yjs'
import { openTestDatabase } from '../../harness/database.ts'
import {
  AppendQueue,
  appendUpdate,
  appendUpdates,
  createDocument,
  DEFAULT_LIMITS,
  foldSegments,
  readState,
  rollSegment,
} from '../adapters/store.ts'
import type { UpdateRow } from './tables.ts'

/** The name of each column of an update row in the double. The compiler requires every one. */
const COLUMNS: Record<keyof UpdateRow, string> = {
  seq: 'seq',
  docId: 'doc_id',
  segment: 'segment',
  batchId: 'batch_id',
  data: 'data',
  structs: 'structs',
  createdAt: 'created_at',
}

let ids = 0
/** A batch with a value for each column. */
const batch = () => {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'word')
  ids += 1
  const batchId = `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`
  return { batchId, update: Y.encodeStateAsUpdate(doc), structs: 1 }
}

/** Every call of the store that stores update rows which clients or back ends send. */
const WAYS: Record<string, (pool: pg.Pool, docId: string) => Promise<unknown>> = {
  'the queue of appends': (pool, docId) =>
    new AppendQueue(pool, DEFAULT_LIMITS).append(docId, batch(), false),
  'an append of one row': (pool, docId) => appendUpdate(pool, docId, batch(), DEFAULT_LIMITS),
  'an append of several rows': (pool, docId) =>
    appendUpdates(pool, docId, [batch(), batch()], DEFAULT_LIMITS),
  'the creation of a document': (pool, docId) =>
    createDocument(pool, docId, { kind: 'update', ...batch(), keepHistory: false }),
  'a fold that carries a row over': async (pool, docId) => {
    await appendUpdates(pool, docId, [batch(), batch()], DEFAULT_LIMITS)
    await rollSegment(pool, docId, 0)
    const { rows } = await readState(pool, docId, null)
    const data = encodeFold({ previous: null, rows: rows.slice(0, 1) }, true).snapshot
    const carried = rows.slice(1).map(({ seq }) => seq)
    const check = async () => ({ type: 'same', snapshot: data, structs: 1, carried }) as const
    const proposal = { throughSegment: 0, data }
    const options = { ...DEFAULT_LIMITS, retention: DEFAULT_LIMITS, check }
    const folded = await foldSegments(pool, docId, proposal, options)
    expect(folded).toMatchObject({ type: 'folded', carried: 1 })
  },
}

test('everything that stores an update row fills all its columns, and the double has the same columns', async () => {
  const database = await openTestDatabase('postgres')
  const { pool } = database
  try {
    await migrate(pool)
    for (const [name, store] of Object.entries(WAYS)) {
      await store(pool, name)
      const { fields, rows } = await pool.query(
        "SELECT * FROM ydoc_update WHERE doc_id = $1 AND data <> ''",
        [name],
      )
      expect(rows.length, name).toBeGreaterThan(0)
      const empty = fields.filter((field) => rows.some((row) => row[field.name] === null))
      expect(
        empty.map((field) => field.name),
        `left empty by ${name}`,
      ).toEqual([])
      expect(fields.map((field) => field.name).sort()).toEqual(Object.values(COLUMNS).sort())
    }
  } finally {
    await database.close()
  }
})
