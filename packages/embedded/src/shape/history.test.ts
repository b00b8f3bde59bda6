import { expect, test } from 'vitest'
import type { Transaction } from '../capture/feed.ts'
import type { Table } from '../table/table.ts'
import { EVERYTHING } from '../where/condition.ts'
import type { Definition } from './definition.ts'
import { History } from './history.ts'

const TABLE = { oid: 1, schema: 'public', name: 'items', columns: [] } as unknown as Table

const shapeOf = (doc: string | null): Definition => ({
  table: TABLE,
  condition:
    doc === null
      ? EVERYTHING
      : ({
          never: false,
          terms: [{ column: 'doc', index: 0, test: { equals: doc } }],
        } as unknown as Definition['condition']),
  columns: [],
  replica: 'default',
  logMode: 'full',
  key: doc ?? '',
})

const insert = (lsn: number, doc: string): Transaction => ({
  xid: lsn,
  lsn,
  changes: [{ operation: 'insert', table: 1, index: 0, old: null, new: [doc] }],
})

const lsnsOf = ({ transactions }: { transactions: readonly Transaction[] }) =>
  transactions.map(({ lsn }) => lsn)

test('a shape created late has all its received changes and none of other shapes', () => {
  const history = new History(1_000_000)
  history.begin(10)
  history.add(insert(12, 'a'))
  history.add(insert(14, 'b'))
  expect(lsnsOf(history.of(shapeOf('a'), 'id'))).toEqual([12])
  history.add(insert(16, 'a'))
  expect(lsnsOf(history.of(shapeOf('a'), 'id'))).toEqual([12, 16])
  expect(lsnsOf(history.of(shapeOf(null), 'id'))).toEqual([12, 14, 16])
  expect(history.of(shapeOf('a'), 'id').from).toEqual({ lsn: 10, op: 0 })
})

test('the last change of a document is known after its transactions are forgotten', () => {
  const history = new History(500)
  history.begin(10)
  history.of(shapeOf('a'), 'id')
  history.add(insert(12, 'a'))
  for (let lsn = 14; lsn < 40; lsn += 2) history.add(insert(lsn, 'busy'))
  expect(history.of(shapeOf('a'), 'id')).toEqual({ from: { lsn: 12, op: 0 }, transactions: [] })
  // A document that never changed is known from the beginning.
  expect(history.of(shapeOf('c'), 'id').from).toEqual({ lsn: 10, op: 0 })
  const busy = history.of(shapeOf('busy'), 'id')
  expect(lsnsOf(busy)).toEqual([36, 38])
  expect(busy.from).toEqual({ lsn: 34, op: 0 })
})

test('if there are too many quiet documents, they are forgotten together', () => {
  const history = new History(500, 3)
  history.begin(10)
  history.of(shapeOf('a'), 'id')
  for (let lsn = 12; lsn < 40; lsn += 2) history.add(insert(lsn, `doc ${lsn}`))
  expect(history.of(shapeOf('doc 12'), 'id').from.lsn).toBeGreaterThanOrEqual(12)
  expect(history.of(shapeOf('never'), 'id').from.lsn).toBeGreaterThanOrEqual(12)
})

test('after an alteration no earlier change of the table is known', () => {
  const history = new History(1_000_000)
  history.begin(10)
  history.add(insert(12, 'a'))
  history.forgetTable(1, 12)
  expect(history.of(shapeOf('a'), 'id')).toMatchObject({ from: { lsn: 12 }, transactions: [] })
  history.begin(20)
  expect(history.of(shapeOf('a'), 'id').from).toEqual({ lsn: 20, op: 0 })
})
