import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { peopleAmong } from './clients.ts'
import { NOT_RECORDED } from './filter.ts'
import { legendOf } from './legend.ts'
import type { LogRow } from './log.ts'

const names = peopleAmong({
  clients: [1, 2, 3],
  seen: new Map(),
  kept: [],
  remembered: new Map([
    [1, 'Ada'],
    [2, 'Bob'],
    [3, 'Bob'],
  ]),
})

/** A row with one letter of each of these clients; without clients it only deletes. */
function row(seq: number, ...clients: number[]): LogRow {
  const written = (clients.length === 0 ? [1] : clients).map((client) => {
    const doc = new Y.Doc()
    doc.clientID = client
    doc.getText('text').insert(0, 'x')
    return Y.encodeStateAsUpdate(doc)
  })
  let data = Y.mergeUpdates(written)
  if (clients.length === 0) {
    const doc = new Y.Doc()
    Y.applyUpdate(doc, data)
    const before = Y.encodeStateVector(doc)
    doc.getText('text').delete(0, 1)
    data = Y.encodeStateAsUpdate(doc, before)
  }
  return { seq, segment: 0, data, arrivedAt: null, storedAt: null }
}

const drawn = (rows: readonly LogRow[], ...chosen: string[]) =>
  legendOf(rows, names, new Set(chosen)).map((each) => `${each.name} ${each.rows}`)

test('each writer is listed once with all rows, those with the most first, and the rest at the end', () => {
  const rows = [row(1), row(2), row(3), row(4, 1), row(5, 2), row(6, 3, 1), row(7, 3)]
  expect(drawn(rows)).toEqual(['Bob 3', 'Ada 2', 'not recorded 3'])
  expect(drawn([])).toEqual([])
})

test('a chosen writer without rows stays in the list, so that the choice can be taken back', () => {
  expect(drawn([row(1, 1)], 'name:Bob', 'name:Zoë', 'client:9', NOT_RECORDED)).toEqual([
    'Ada 1',
    'Bob 0',
    'Zoë 0',
    'client 9 0',
    'not recorded 0',
  ])
})
