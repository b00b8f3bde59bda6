import { describe, expect, test } from 'vitest'
import {
  countsOf,
  isComplete,
  type LogRecord,
  mergeCounts,
  openEdits,
  presentIn,
} from './stored-log.ts'

const record = (page: string, number: number, more: Partial<LogRecord> = {}): LogRecord => ({
  page,
  number,
  covers: new Map(),
  edits: [],
  settled: [],
  ...more,
})
const counts = (named: Record<string, number>) => new Map(Object.entries(named))

describe('a log is complete', () => {
  test('when each page’s numbers have no gap, whatever their order', () => {
    expect(isComplete([], counts({}))).toBe(true)
    expect(isComplete([record('b', 1), record('a', 2), record('a', 1)], counts({ a: 2 }))).toBe(
      true,
    )
    expect(isComplete([record('a', 1), record('a', 1)], counts({ a: 1 }))).toBe(true)
  })

  test('but not when a record at the start, in the middle or at the end is missing, or all are', () => {
    const all = [record('a', 1), record('a', 2), record('a', 3)]
    for (const lost of all) {
      const left = all.filter((one) => one !== lost)
      expect(isComplete(left, counts({ a: 3 }))).toBe(false)
    }
    expect(isComplete([], counts({ a: 3 }))).toBe(false)
  })

  test('if a record that holds the whole document covers the others, too', () => {
    const whole = record('b', 1, { covers: counts({ a: 3 }) })
    expect(isComplete([whole, record('a', 4)], counts({ a: 4 }))).toBe(true)
    expect(isComplete([whole, record('a', 5)], counts({ a: 3 }))).toBe(false)
    expect(isComplete([whole], counts({ a: 4 }))).toBe(false)
  })
})

test('counts keep the higher number of each page and forget the oldest pages beyond the limit', () => {
  expect(mergeCounts(counts({ a: 3, b: 1 }), counts({ a: 2, c: 1 }))).toEqual(
    counts({ b: 1, a: 3, c: 1 }),
  )
  const many = Array.from({ length: 600 }, (_, i) => record(`page ${i}`, 1))
  const known = countsOf(many)
  expect(known.size).toBe(500)
  expect(known.has('page 599')).toBe(true)
  expect(known.has('page 0')).toBe(false)
})

test('covered records are counted, but only the record itself is present', () => {
  const records = [record('b', 2, { covers: counts({ a: 3, b: 1 }) })]
  expect(countsOf(records)).toEqual(counts({ a: 3, b: 2 }))
  expect(presentIn(records)).toEqual(counts({ b: 2 }))
})

test('edits are open until any record says that they are settled', () => {
  const records = [
    record('b', 1, { settled: ['a/1'] }),
    record('a', 1, { edits: ['a/1', 'a/2'] }),
    record('a', 2, { edits: ['a/3'] }),
  ]
  expect([...openEdits(records)]).toEqual(['a/2', 'a/3'])
})
