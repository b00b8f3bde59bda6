import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { applyRow } from './applying.ts'

/** Three documents that are edited in turn, each edit as an update of its own. */
function people() {
  const docs = [1, 2, 3].map((clientID) => {
    const doc = new Y.Doc()
    doc.clientID = clientID
    return doc
  })
  const [ada, bob] = docs as [Y.Doc, Y.Doc, Y.Doc]
  return { ada, bob, docs }
}

/** Types after the last letter that the person sees. @returns the update */
function types(doc: Y.Doc, letter: string, at = doc.getText('t').length): Uint8Array {
  const before = Y.encodeStateVector(doc)
  doc.getText('t').insert(at, letter)
  return Y.encodeStateAsUpdate(doc, before)
}

/** Ada's second edit needs Bob's, which needs Ada's first one; her third edit arrives together with Bob's. */
function interlocked(): { rows: Uint8Array[]; text: string } {
  const { ada, bob } = people()
  const first = types(ada, 'a')
  Y.applyUpdate(bob, first)
  const between = types(bob, 'b')
  Y.applyUpdate(ada, between)
  const second = types(ada, 'c')
  const third = types(ada, 'd')
  return {
    rows: [Y.mergeUpdates([between, third]), first, second],
    text: ada.getText('t').toString(),
  }
}

describe('rows that build on each other in both directions, stored in another order', () => {
  test('wait for ever in plain Yjs, although nothing is missing (the fault exists)', () => {
    const { rows } = interlocked()
    const doc = new Y.Doc()
    for (const row of rows) Y.applyUpdate(doc, row)
    expect(doc.store.pendingStructs).not.toBeNull()
  })

  test('are shown as soon as the last of them arrives', () => {
    const { rows, text } = interlocked()
    const doc = new Y.Doc()
    for (const row of rows) applyRow(doc, row)
    expect(doc.store.pendingStructs).toBeNull()
    expect(doc.getText('t').toString()).toBe(text)
  })

  test('are reported to listeners with the origin of the row that completes them', () => {
    const { rows } = interlocked()
    const doc = new Y.Doc()
    const origins: unknown[] = []
    doc.on('update', (_update: Uint8Array, origin: unknown) => origins.push(origin))
    rows.forEach((row, place) => {
      applyRow(doc, row, `row ${place}`)
    })
    expect(origins.at(-1)).toBe('row 2')
    expect(new Set(origins)).not.toContain(null)
  })

  test('become one document in every order and grouping', () => {
    const who = fc.nat({ max: 2 })
    const step = fc.record({ who, from: fc.option(who), at: fc.nat({ max: 4 }), key: fc.nat() })
    const history = fc.array(step, { minLength: 4, maxLength: 16 })
    fc.assert(
      fc.property(history, (steps) => {
        const { docs } = people()
        const rows = steps.map(({ who, from, at, key }) => {
          const doc = docs[who] as Y.Doc
          if (from !== null) Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[from] as Y.Doc))
          return { key, update: types(doc, 'x', Math.min(at, doc.getText('t').length)) }
        })
        const inOrder = [...rows].sort((one, other) => (one.key % 997) - (other.key % 997))
        // About a third of the edits are in rows of several edits.
        const groups = new Map<string, Uint8Array[]>()
        inOrder.forEach(({ key, update }, place) => {
          const name = key % 3 === 0 ? `${key % 5}` : `alone ${place}`
          groups.set(name, [...(groups.get(name) ?? []), update])
        })
        const shown = new Y.Doc()
        for (const updates of groups.values()) applyRow(shown, Y.mergeUpdates(updates))
        const whole = new Y.Doc()
        Y.applyUpdate(whole, Y.mergeUpdates(rows.map(({ update }) => update)))
        expect(shown.store.pendingStructs).toBeNull()
        expect(shown.getText('t').toString()).toBe(whole.getText('t').toString())
        expect(Y.encodeStateVector(shown)).toEqual(Y.encodeStateVector(whole))
      }),
      { numRuns: 200, endOnFailure: true },
    )
  })
})

describe('a row whose earlier edits are missing', () => {
  test('waits for that edit, and other rows change nothing about it', () => {
    const { ada, bob } = people()
    const early = types(ada, 'a')
    const late = types(ada, 'b')
    const doc = new Y.Doc()
    applyRow(doc, late)
    const held = doc.store.pendingStructs
    expect([...(held?.missing ?? [])]).toEqual([[1, 0]])
    applyRow(doc, types(bob, 'c'))
    expect(doc.store.pendingStructs).toBe(held)
    applyRow(doc, early)
    expect(doc.store.pendingStructs).toBeNull()
  })
})
