import { expect, test } from 'vitest'
import { arranged, rowsOf, titleInText, withoutTitle } from './serverList.ts'

const info = (docId: string, changedAt: string) => ({
  docId,
  changedAt,
  createdAt: changedAt,
  rows: 1,
  bytes: 1,
  snapshotRows: 0,
  deletedAt: null,
  keepHistory: false,
  title: null,
})
const documents = [info('a', '2026-01-01'), info('b', '2026-01-03'), info('c', '2026-01-02')]
const at = (day: string) => Date.parse(day)
const titles = new Map([
  ['a', { title: 'Zebra log', changedAt: at('2026-01-01') }],
  ['b', { title: 'Apple log', changedAt: at('2026-01-02') }],
])
const ids = (rows: { docId: string }[]) => rows.map(({ docId }) => docId)

test('documents are sorted by their last change or their title', () => {
  const rows = rowsOf(documents, titles)
  expect(ids(arranged(rows, '', 'changed'))).toEqual(['b', 'c', 'a'])
  expect(ids(arranged(rows, '', 'title'))).toEqual(['b', 'c', 'a'])
  expect(ids(arranged(rows, 'LOG zeb', 'title'))).toEqual(['a'])
  expect(ids(arranged(rows, 'c', 'title'))).toEqual(['c'])
})

test('a title is read again after a change', () => {
  expect(ids(withoutTitle(rowsOf(documents, titles), titles))).toEqual(['b', 'c'])
})

test('the title is the first line that is not empty', () => {
  expect(titleInText('\n  The  log \nrest')).toBe('The log')
  expect(titleInText(' \n')).toBe('Untitled')
  expect(titleInText('x'.repeat(200))).toHaveLength(90)
})
