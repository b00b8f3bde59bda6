import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import { adopt, covers } from './adoption.ts'

/** Updates of one client: one per letter, then a delete. */
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

test('an update covers another one if it has its structs and its deletes', () => {
  const some = fc.subarray(all, { minLength: 1 })
  fc.assert(
    fc.property(some, some, (have, want) => {
      const isCovered = want.every((update) => have.includes(update))
      expect(covers(mergeUpdates(have), mergeUpdates(want))).toBe(isCovered)
    }),
  )
})

describe('without a store', () => {
  test('a batch that was cut keeps its id, because its tab may have sent it', () => {
    expect(adopt([{ batchId: 'x', update: a, isCut: true }], null, freshId)).toEqual([
      { batch: { batchId: 'x', update: a }, isStored: false, formerId: 'x', replacesStored: false },
    ])
  })

  test('edits that still gathered get a new id, because their tab may be alive and add to them', () => {
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

  test('the batch keeps its id if the store returns the same batch', () => {
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
    ['less than the other tabs received', a, both],
    ['more than the other tabs received', both, a],
    ['one delete less', mergeUpdates([a, b]), mergeUpdates([a, b, deletion])],
  ])('everything is sent under a new id if the store returns %s', (_, kept, heard) => {
    const [one] = adopt(
      [{ batchId: 'x', update: heard, isCut: true }],
      { batches: [{ batchId: 'x', update: kept }], ofOthers: [] },
      freshId,
    )
    const update = one?.batch.update ?? new Uint8Array()
    expect([covers(update, kept), covers(update, heard)]).toEqual([true, true])
    expect(one?.batch.batchId).toBe('fresh')
    expect(one?.replacesStored).toBe(true)
  })

  test('the batch gets a new id if the store returns nothing, because another adopter may send less under the old one', () => {
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

  test('this page sends only what another page lacks if that page has adopted the batch and sends it', () => {
    const orphan = { batchId: 'x', update: both, isCut: true }
    const ofOthers = (update: Uint8Array) => ({ batches: [], ofOthers: [{ batchId: 'x', update }] })
    expect(adopt([orphan], ofOthers(both), freshId)).toEqual([])
    const [rest] = adopt([orphan], ofOthers(a), freshId)
    expect(rest?.batch).toEqual({ batchId: 'fresh', update: both })
  })

  test('a batch which the store returns and no tab announced is sent as it was stored', () => {
    const kept = { batchId: 'y', update: b }
    expect(adopt([], { batches: [kept], ofOthers: [] }, freshId)).toEqual([
      { batch: kept, isStored: true, formerId: 'y', replacesStored: false },
    ])
  })
})
