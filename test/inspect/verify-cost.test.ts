// The rows that verification reads in the database, according to the plans of its statements.
import { randomUUID } from 'node:crypto'
import { verifyDocument } from '@y-electric/documents'
import type pg from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { append, fold, migrated, recorded } from './stored.ts'

const OTHER_ROWS = 20_000

const shared = useTestDatabase('postgres')
const pool = () => shared.database.pool
beforeAll(() => migrated(pool()))

/** A node of `EXPLAIN (ANALYZE, FORMAT JSON)`. */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

/** The rows that the scans below this node read. */
function rowsRead(node: PlanNode): number {
  const own = /Scan$/.test(node['Node Type']) && node['Relation Name']?.startsWith('ydoc_')
  const read = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
  return (node.Plans ?? []).reduce((sum, child) => sum + rowsRead(child), own ? read : 0)
}

type Query = { text: string; values?: unknown[] }

/** The pool, which explains each statement before it runs it. */
function explained(real: pg.Pool) {
  const reads: { text: string; rows: number }[] = []
  const explain = async (asked: string | Query, values?: unknown[]) => {
    const { text, values: given = values } = typeof asked === 'string' ? { text: asked } : asked
    if (!/^\s*(SELECT|WITH)\b/i.test(text)) return
    const answer = await real.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      given,
    )
    const [plan] = answer.rows[0]?.['QUERY PLAN'] ?? []
    if (plan === undefined) throw new Error('there is no plan')
    reads.push({ text, rows: rowsRead(plan.Plan) })
  }
  const explaining = <T extends pg.Pool | pg.PoolClient>(target: T): T =>
    new Proxy(target, {
      get(_, key) {
        if (key === 'query') {
          return async (asked: string | Query, values?: unknown[]) => {
            await explain(asked, values)
            return target.query(asked as string, values)
          }
        }
        if (key === 'connect')
          return async () => explaining((await real.connect()) as pg.PoolClient)
        const value: unknown = Reflect.get(target, key)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return { pool: explaining(real), reads }
}

test('the verification of a document reads none of the rows of other documents', async () => {
  const docId = randomUUID()
  const { doc, updates } = recorded()
  for (let edit = 0; edit < 6; edit++) doc.getText('t').insert(0, 'edit')
  await append(pool(), docId, ...updates.slice(0, 3))
  await fold(pool(), docId)
  await append(pool(), docId, ...updates.slice(3))
  await pool().query(
    `INSERT INTO ydoc_document (doc_id) SELECT 'other-' || d FROM generate_series(1, $1) d`,
    [OTHER_ROWS],
  )
  await pool().query(
    `INSERT INTO ydoc_update (doc_id, segment, batch_id, data)
     SELECT 'other-' || i, 0, gen_random_uuid(), 'x' FROM generate_series(1, $1) i`,
    [OTHER_ROWS],
  )
  await pool().query('ANALYZE ydoc_update, ydoc_document')

  const ordinary = explained(pool())
  expect(await verifyDocument(ordinary.pool, docId)).toMatchObject({ sound: true, rows: 3 })
  expect(ordinary.reads.length).toBeGreaterThan(2)
  // A statement may scan the few rows of the document more than once.
  for (const { text, rows } of ordinary.reads) expect(rows, text).toBeLessThan(20)

  const searching = explained(pool())
  await verifyDocument(searching.pool, docId, { searchOthers: true })
  expect(Math.max(...searching.reads.map(({ rows }) => rows))).toBeGreaterThanOrEqual(OTHER_ROWS)
})
