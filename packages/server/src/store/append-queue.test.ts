import type pg from 'pg'
import { beforeEach, describe, expect, test } from 'vitest'
import { AppendQueue } from './append-queue.ts'

const LIMITS = {
  maxTransactionBytes: 4_000,
  maxWaitingAppends: 500,
  appendLanes: 1,
  busyRetryAfterSeconds: 2,
}

interface Statement {
  readonly name: string
  readonly batchIds: readonly string[]
  readonly answer: (outcomes: readonly string[]) => void
  readonly fail: (error: unknown) => void
}

/** Statements that the database double has received and not answered. */
let statements: Statement[]

const pool = (max = 20) =>
  ({
    options: { max },
    query: ({ name, values }: { name: string; values: unknown[] }) =>
      new Promise((resolve, reject) => {
        const isGroup = name === 'ydoc_append_group'
        const batchIds = (isGroup ? values[1] : [values[1]]) as string[]
        statements.push({
          name,
          batchIds,
          answer: (outcomes) => {
            const rows = outcomes.map((outcome, i) => ({
              outcome,
              created: outcome === 'created',
              row_seq: outcome === 'created' || outcome === 'stored' ? String(i + 1) : null,
            }))
            resolve({ rows })
          },
          fail: reject,
        })
      }),
  }) as unknown as pg.Pool

const batch = (batchId: string, bytes = 10) => ({
  batchId,
  update: new Uint8Array(bytes),
  structs: 1,
})
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Answers the oldest statement, and lets everything run that follows from it. */
async function answer(...outcomes: string[]): Promise<void> {
  const statement = statements.shift()
  statement?.answer(outcomes.length > 0 ? outcomes : statement.batchIds.map(() => 'created'))
  await turn()
}

let queue: AppendQueue
let settled: Record<string, unknown>

function append(docId: string, batchId: string, bytes?: number): void {
  queue.append(docId, batch(batchId, bytes), false).then(
    ({ seq, created }) => {
      settled[batchId] = created ? `created ${seq}` : `stored ${seq}`
    },
    (error) => {
      settled[batchId] = error.code ?? error.message
    },
  )
}

beforeEach(() => {
  statements = []
  settled = {}
  queue = new AppendQueue(pool(), LIMITS)
})

describe('one lane', () => {
  test('appends a row at once, and the rows of all documents that arrive meanwhile in one statement', async () => {
    append('a', '1')
    append('b', '3')
    append('a', '2')
    expect(statements.map(({ batchIds }) => batchIds)).toEqual([['1']])
    await answer()
    // Sorted by document and batch.
    expect(statements.map(({ batchIds }) => batchIds)).toEqual([['2', '3']])
    await answer()
    expect(settled).toEqual({ 1: 'created 1', 2: 'created 1', 3: 'created 2' })
    append('a', '4')
    expect(statements.map(({ batchIds }) => batchIds)).toEqual([['4']])
  })

  test('limits the rows and the bytes of a statement', async () => {
    append('first', '0')
    for (let i = 0; i < 300; i++) append('many', String(i))
    append('large', 'x', 3_000)
    append('large', 'y', 3_000)
    await answer()
    expect(statements[0]?.batchIds).toHaveLength(256)
    await answer()
    expect(statements[0]?.batchIds).toHaveLength(45)
    await answer()
    expect(statements[0]?.batchIds).toEqual(['y'])
  })

  test('sorts batch ids regardless of case', async () => {
    append('a', '0')
    for (const id of ['B', 'a', 'C']) append('a', id)
    await answer()
    expect(statements[0]?.batchIds).toEqual(['a', 'B', 'C'])
  })
})

describe('a row that cannot be appended', () => {
  test('does not fail its neighbours when its document was deleted', async () => {
    append('a', '0')
    for (const docId of ['a', 'b', 'c']) append(docId, docId)
    await answer()
    await answer('created', 'deleted', 'stored')
    expect(settled).toEqual({ 0: 'created 1', a: 'created 1', b: 'deleted', c: 'stored 3' })
  })

  test('waits for the lock of its document outside of the lane', async () => {
    append('a', '0')
    for (const docId of ['a', 'b']) append(docId, docId)
    await answer()
    await answer('busy', 'created')
    expect(statements.map(({ name, batchIds }) => [name, batchIds])).toEqual([
      ['ydoc_append', ['a']],
    ])
    append('c', 'c')
    expect(statements.map(({ batchIds }) => batchIds)).toEqual([['a'], ['c']])
    await answer()
    expect(settled.a).toBe('created 1')
  })

  test('is found by appending each row of a failed statement alone', async () => {
    append('a', '0')
    for (const docId of ['a', 'b']) append(docId, docId)
    await answer()
    statements.shift()?.fail(Object.assign(new Error('a lock'), { code: '55P03' }))
    await turn()
    expect(statements.map(({ name }) => name)).toEqual(['ydoc_append', 'ydoc_append'])
    statements.shift()?.fail(Object.assign(new Error('refused'), { code: '22000' }))
    await answer()
    expect(settled).toEqual({ 0: 'created 1', a: '22000', b: 'created 1' })
  })

  test('is not tried again when the database is unavailable', async () => {
    append('a', '0')
    for (const docId of ['a', 'b']) append(docId, docId)
    await answer()
    statements.shift()?.fail(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))
    await turn()
    expect(statements).toEqual([])
    expect(settled).toEqual({ 0: 'created 1', a: 'ECONNRESET', b: 'ECONNRESET' })
    append('a', '1')
    expect(statements).toHaveLength(1)
  })
})

test('a row that exceeds the transaction limit does not go through a lane', async () => {
  queue = new AppendQueue(pool(), { ...LIMITS, maxTransactionBytes: 1024 ** 2 * 4 })
  append('a', '0')
  append('large', 'x', 1024 ** 2 + 1)
  expect(statements.map(({ name }) => name)).toEqual(['ydoc_append_group', 'ydoc_append'])
})

test('a full queue refuses a row with server_busy and Retry-After', () => {
  queue = new AppendQueue(pool(), { ...LIMITS, maxWaitingAppends: 2 })
  for (const id of ['0', '1', '2']) append('a', id)
  expect(() => queue.append('a', batch('3'), false)).toThrow(
    expect.objectContaining({ code: 'server_busy', retryAfterSeconds: 2 }),
  )
})

test('there are never more lanes than connections', async () => {
  queue = new AppendQueue(pool(2), { ...LIMITS, appendLanes: 3 })
  for (const id of ['0', '1', '2', '3']) append('a', id)
  expect(statements.map(({ batchIds }) => batchIds)).toEqual([['0'], ['1']])
  await answer()
  expect(statements.map(({ batchIds }) => batchIds)).toEqual([['1'], ['2', '3']])
})
