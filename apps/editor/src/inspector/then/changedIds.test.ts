import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { changedIdsOf, holds, NOTHING_CHANGED, partsOf } from './changedIds.ts'

test('a row names the ids that it adds and deletes, and a bad row none', () => {
  const doc = new Y.Doc()
  doc.clientID = 7
  const rows: Uint8Array[] = []
  doc.on('update', (row: Uint8Array) => rows.push(row))
  const text = doc.getText('text')
  text.insert(0, 'abc')
  text.delete(1, 1)
  expect(rows.map(changedIdsOf)).toEqual([
    { added: new Map([[7, [{ clock: 0, length: 3 }]]]), removed: new Map() },
    { added: new Map(), removed: new Map([[7, [{ clock: 1, length: 1 }]]]) },
  ])
  expect(changedIdsOf(new Uint8Array([255, 1]))).toEqual(NOTHING_CHANGED)
})

test('a range is cut where the runs begin and end', () => {
  const run = fc.record({ clock: fc.nat(30), length: fc.integer({ min: 1, max: 9 }) })
  const range = fc.record({ clock: fc.nat(30), length: fc.integer({ min: 1, max: 20 }) })
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), range, (runs, { clock, length }) => {
      const parts = partsOf(runs, clock, length)
      expect(parts[0]?.from).toBe(0)
      expect(parts.at(-1)?.to).toBe(length)
      for (const [index, { from, to, isIn }] of parts.entries()) {
        const next = parts[index + 1]
        if (next !== undefined) expect([next.from, next.isIn]).toEqual([to, !isIn])
        for (let at = from; at < to; at++) expect(holds(runs, clock + at)).toBe(isIn)
      }
    }),
  )
})
