import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import { adopt, covers } from './adoption.ts'

/** Updates of one typist, one a letter, and a delete at the end. */
function edits(): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const letter of 'abc') doc.getText('body').insert(0, letter)
  doc.getText('body').delete(0, 1)
  return updates
}
const all = edits()
const [a, b, , deletion] = all as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
const freshId = () => 'fresh'

test('what covers an update has its structs and its deletes', () => {
  const some = fc.subarray(all, { minLength: 1 })
  fc.assert(
    fc.property(some, some, (have, want) => {
      const isCovered = want.every((update) => have.includes(update))
      expect(covers(mergeUpdates(have), mergeUpdates(want))).toBe(isCovered)
    }),
  )
})

describe('without a store', () => {
  test('a batch that was cut keeps its id: the tab may have sent it', () => {
    expect(adopt([{ batchId: 'x', update: a, isCut: true }], null, freshId)).toEqual([
      { batch: { batchId: 'x', update: a }, isStored: false, formerId: 'x', replacesStored: false },
    ])
  })

  test('what still gathered gets another: the tab may be alive, and add to it', () => {
    expect(adopt([{ batchId: 'x', update: a, isCut: false }], null, freshId)).toEqual([
      {
        batch: { batchId: 'fresh', update: a },
        isStored: false,
        formerId: 'x',
        replacesStored: false,
      },
    ])
  })
})

describe('with a store', () => {
  const both = mergeUpdates([a, b])

  test('that hands over the same batch, it keeps its id', () => {
    const kept = { batchId: 'x', update: both, madeAt: 7 }
    expect(
      adopt(
        [{ batchId: 'x', update: both, isCut: true }],
        { batches: [kept], ofOthers: [] },
        freshId,
      ),
    ).toEqual([{ batch: kept, isStored: true, formerId: 'x', replacesStored: false }])
  })

  test.each([
    ['less than the others heard', a, both],
    ['more than the others heard', both, a],
    ['a delete less', mergeUpdates([a, b]), mergeUpdates([a, b, deletion])],
  ])(
    'that hands over %s, nothing is missing, under an id that cannot be taken',
    (_, kept, heard) => {
      const [one] = adopt(
        [{ batchId: 'x', update: heard, isCut: true }],
        { batches: [{ batchId: 'x', update: kept }], ofOthers: [] },
        freshId,
      )
      const update = one?.batch.update ?? new Uint8Array()
      expect([covers(update, kept), covers(update, heard)]).toEqual([true, true])
      expect(one?.batch.batchId).toBe('fresh')
      expect(one?.replacesStored).toBe(true)
    },
  )

  test('that hands over nothing: another heir may send less under the id', () => {
    expect(
      adopt([{ batchId: 'x', update: a, isCut: true }], { batches: [], ofOthers: [] }, freshId),
    ).toEqual([
      {
        batch: { batchId: 'fresh', update: a },
        isStored: false,
        formerId: 'x',
        replacesStored: false,
      },
    ])
  })

  test('that another page took over and sends: all of it, or this page sends the rest', () => {
    const orphan = { batchId: 'x', update: both, isCut: true }
    const ofOthers = (update: Uint8Array) => ({ batches: [], ofOthers: [{ batchId: 'x', update }] })
    expect(adopt([orphan], ofOthers(both), freshId)).toEqual([])
    const [rest] = adopt([orphan], ofOthers(a), freshId)
    expect(rest?.batch).toEqual({ batchId: 'fresh', update: both })
  })

  test('that hands over what nobody heard of, it is sent as it was stored', () => {
    const kept = { batchId: 'y', update: b }
    expect(adopt([], { batches: [kept], ofOthers: [] }, freshId)).toEqual([
      { batch: kept, isStored: true, formerId: 'y', replacesStored: false },
    ])
  })
})
