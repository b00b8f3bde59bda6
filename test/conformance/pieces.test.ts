// The service reads shapes of many rows in pieces, while other writes and requests run.
import { setImmediate as nextTask } from 'node:timers/promises'
import { createShapeService, type ShapeService } from '@y-electric/embedded'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { documentBackends } from '../harness/database.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { ShapeReader } from './reader.ts'

const KIB = 1024
/** A tenth of the default, since the tests are about the division into pieces, not about their size. */
const PIECE_BYTES = 100 * KIB
/** Enough rows for three pieces. */
const ROWS = 12
const ROW_BYTES = 20 * KIB

describe.each(documentBackends)('on %s', (backend) => {
  const shared = useTestDatabase(backend)
  let service: ShapeService
  /** Runs before each transaction of the service, with its number. */
  let before: (transaction: number) => Promise<void>
  let transactions: number
  let largestAnswer: number

  const query = (text: string, values: unknown[] = []) => shared.database.pool.query(text, values)

  /**
   * The pool of the database, which reports every transaction and records how much each statement
   * reads.
   */
  function watched(): pg.Pool {
    const { pool } = shared.database
    const connect = async () => {
      await before(transactions++)
      const client = await pool.connect()
      const watchedQuery = async (...parameters: [string]) => {
        const result: pg.QueryResult<unknown[]> = await client.query(...parameters)
        const values = (result.rows ?? []).flatMap((row) => Object.values(row))
        const bytes = values.reduce((sum: number, value) => sum + String(value).length, 0)
        largestAnswer = Math.max(largestAnswer, bytes)
        return result
      }
      return { query: watchedQuery, release: client.release.bind(client) }
    }
    return { connect, query: pool.query.bind(pool) } as unknown as pg.Pool
  }

  beforeEach(async () => {
    before = async () => {}
    transactions = 0
    largestAnswer = 0
    await query('CREATE TABLE items (id integer PRIMARY KEY, doc text, note text)')
    const { kind, listen, close } = shared.database
    service = await createShapeService({
      database: { kind, listen, close, pool: watched() },
      pieceBytes: PIECE_BYTES,
    })
    // From here on the table is captured.
    await new ShapeReader(service, { table: 'items', where: "doc = 'none'" }).catchUp()
    await query(
      `INSERT INTO items SELECT n, 'a', repeat(chr(96 + n), ${ROW_BYTES}) FROM generate_series(1, ${ROWS}) n`,
    )
    transactions = 0
  })
  afterEach(async () => {
    await service.close()
    await shared.empty()
  })

  const reader = () => new ShapeReader(service, { table: 'items', where: "doc = 'a'" })
  const stored = async () => {
    const { rows } = await query(
      `SELECT id::text, left(note, 1) AS letter, length(note) AS length FROM items
       WHERE doc = 'a' ORDER BY items.id`,
    )
    return rows
  }
  /** The rows of a reader in short form. */
  const shown = ({ list }: ShapeReader) =>
    list.map(({ id, note }) => ({ id, letter: note?.[0], length: note?.length }))
  const note = (letter: string) => letter.repeat(ROW_BYTES)

  test('no statement reads more than a piece, and other requests are answered between two pieces', async () => {
    const more = `SELECT n, 'a', repeat('m', ${ROW_BYTES}) FROM generate_series(101, 140) n`
    await query(`INSERT INTO items ${more}`)
    const read = reader()
    let isRead = false
    let answers = 0
    const askOn = async () => {
      for (; !isRead; answers++) {
        await query('SELECT 1')
        // PGlite answers without yielding to the event loop.
        await nextTask()
      }
    }
    const asking = askOn()
    expect(await read.catchUp()).toBe(200)
    isRead = true
    await asking
    expect(shown(read)).toEqual(await stored())
    expect(largestAnswer).toBeLessThan(1.2 * PIECE_BYTES)
    expect(answers).toBeGreaterThanOrEqual(10)
  })

  const CHANGES: readonly (readonly [string, readonly string[]])[] = [
    ['are deleted', ['DELETE FROM items WHERE id IN (2, 6, 12)']],
    ['are changed', ['UPDATE items SET note = upper(note) WHERE id IN (1, 7, 11)']],
    ['leave the shape', ["UPDATE items SET doc = 'b' WHERE id > 9"]],
    ['enter the shape', [`INSERT INTO items VALUES (100, 'a', repeat('x', ${ROW_BYTES}))`]],
    // Each row then has the previous location of another row, and one transaction wrote all of
    // them.
    ['are moved', ['DELETE FROM items WHERE id < 4', 'VACUUM FULL items']],
    [
      'are deleted and replaced at the same locations',
      [
        'DELETE FROM items WHERE id < 6',
        'VACUUM items',
        `INSERT INTO items SELECT n, 'a', repeat('y', ${ROW_BYTES}) FROM generate_series(1, 5) n`,
      ],
    ],
    ['are truncated', ['TRUNCATE items']],
  ]

  test.each(CHANGES)(
    'rows that %s between two pieces are read once, as of one moment',
    async (_, statements) => {
      const isTruncated = statements.some((statement) => statement.startsWith('TRUNCATE'))
      for (const at of [2, 4]) {
        transactions = 0
        before = async (transaction) => {
          if (transaction !== at) return
          for (const statement of statements) await query(statement)
        }
        const read = reader()
        await read.catchUp()
        before = async () => {}
        // Readers of a truncated table are told to start over: at once, or when the service has
        // read the notification of the truncation.
        let current = read
        const next = async () => {
          const status = await current.catchUp()
          if (status === 409 && isTruncated) current = reader()
          return [status, shown(current)]
        }
        await expect.poll(next).toEqual([200, await stored()])
        await query(`DELETE FROM items WHERE id > ${ROWS}`)
        await query(
          `INSERT INTO items SELECT n, 'a', repeat(chr(96 + n), ${ROW_BYTES}) FROM generate_series(1, ${ROWS}) n
         ON CONFLICT (id) DO UPDATE SET doc = 'a', note = EXCLUDED.note`,
        )
      }
    },
  )

  test('a table in which every row changes before every piece is still read', async () => {
    await query('DELETE FROM items WHERE id > 6')
    let counter = 0
    before = async () => {
      await query('UPDATE items SET note = $1', [note(String(counter++ % 10))])
    }
    const read = reader()
    expect(await read.catchUp()).toBe(200)
    before = async () => {}
    await expect
      .poll(async () => [await read.catchUp(), shown(read)])
      .toEqual([200, await stored()])
  })
})
