import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { peopleAmong } from './clients.ts'
import {
  NO_FILTER,
  NOT_RECORDED,
  placeOf,
  rowsShown,
  searchOf,
  toggled,
  writerIdsOf,
} from './filter.ts'
import type { LogRow } from './log.ts'

const SECOND = 1_000
const start = Date.parse('2026-03-04T05:06:07Z')

/** A row that this client wrote some seconds after the start; null only deletes. */
function row(seq: number, client: number | null, seconds: number | null): LogRow {
  const doc = new Y.Doc()
  doc.clientID = client ?? 1
  const text = doc.getText('text')
  text.insert(0, 'letters')
  const before = Y.encodeStateVector(doc)
  if (client === null) text.delete(0, 3)
  const data = client === null ? Y.encodeStateAsUpdate(doc, before) : Y.encodeStateAsUpdate(doc)
  const storedAt = seconds === null ? null : start + seconds * SECOND
  return { seq, segment: 0, data, arrivedAt: null, storedAt }
}

const names = peopleAmong({
  clients: [1, 2],
  seen: new Map([[1, { id: 'a', name: 'Ada', color: '#c0453b' }]]),
  kept: [],
  remembered: new Map(),
})
const rows = [row(1, 1, 0), row(2, 2, 1.9), row(3, null, 2), row(4, 1, 3), row(5, 2, null)]
const seqs = (change: Partial<typeof NO_FILTER>) =>
  rowsShown(rows, { ...NO_FILTER, ...change }, names).map(({ seq }) => seq)

describe('rowsShown', () => {
  test('without a filter all rows are shown', () => {
    expect(rowsShown(rows, NO_FILTER, names)).toBe(rows)
  })

  test('the rows of the chosen writers are shown', () => {
    expect(rows.map((each) => writerIdsOf(each, names))).toEqual([
      ['name:Ada'],
      ['client:2'],
      [NOT_RECORDED],
      ['name:Ada'],
      ['client:2'],
    ])
    expect(seqs({ writers: new Set(['name:Ada']) })).toEqual([1, 4])
    expect(seqs({ writers: new Set(['client:2', NOT_RECORDED]) })).toEqual([2, 3, 5])
    expect(seqs({ writers: new Set(['name:Nobody']) })).toEqual([])
  })

  test('the rows of a span are shown, and its last second is inside as a whole', () => {
    expect(seqs({ from: start + SECOND })).toEqual([2, 3, 4])
    expect(seqs({ from: start + SECOND, to: start + SECOND })).toEqual([2])
    expect(seqs({ to: start + 2 * SECOND, writers: new Set(['name:Ada']) })).toEqual([1])
  })

  test('a choice is made and taken back', () => {
    const one = toggled(NO_FILTER, 'name:Ada')
    expect([...toggled(one, 'client:2').writers]).toEqual(['name:Ada', 'client:2'])
    expect(toggled(one, 'name:Ada')).toEqual(NO_FILTER)
  })
})

describe('the address', () => {
  test('a link shows the same: every place is read back from its query', () => {
    const second = fc.option(fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => s * SECOND))
    const place = fc.record({
      filter: fc.record({
        writers: fc.array(fc.string({ minLength: 1 })).map((all) => new Set(all)),
        from: second,
        to: second,
      }),
      at: fc.option(fc.nat()),
    })
    fc.assert(
      fc.property(place, (each) => {
        expect(placeOf(searchOf(each))).toEqual(each)
      }),
    )
  })

  test('a query is readable, and members that make no sense are ignored', () => {
    const filter = { writers: new Set(['name:Ada']), from: start, to: null }
    expect(searchOf({ filter, at: 7 })).toBe(
      '?writer=name%3AAda&from=2026-03-04T05%3A06%3A07Z&at=7',
    )
    expect(searchOf({ filter: NO_FILTER, at: null })).toBe('')
    for (const search of ['', '?', '?writer=&from=soon&to=&at=-1&at=2', '?at=x&utm_source=y']) {
      expect(placeOf(search)).toEqual({ filter: NO_FILTER, at: null })
    }
  })
})
