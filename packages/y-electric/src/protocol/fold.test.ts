import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { foldRows, foldToSnapshot } from './fold.ts'
import type { UpdateRow } from './state-frames.ts'

const asRows = (updates: readonly Uint8Array[]): UpdateRow[] =>
  updates.map((data, i) => ({ seq: i + 1, segment: 0, data }))

/** One update for each edit. */
function record(edit: (doc: Y.Doc) => void, doc = new Y.Doc()): Uint8Array[] {
  const updates: Uint8Array[] = []
  const note = (update: Uint8Array) => updates.push(update)
  doc.on('update', note)
  edit(doc)
  doc.off('update', note)
  return updates
}

const typed = (text: string) =>
  record((doc) => {
    for (const letter of text) doc.getText('t').insert(doc.getText('t').length, letter)
  })

const textOf = (snapshot: Uint8Array): string => {
  const doc = new Y.Doc()
  Y.applyUpdateV2(doc, snapshot)
  return doc.getText('t').toString()
}

describe('a fold of stored rows alone', () => {
  test('is the same in any order of the rows', () => {
    const rows = asRows(typed('hello'))
    const folded = foldToSnapshot({ previous: null, rows }, true)
    expect(textOf(folded)).toBe('hello')
    expect(foldToSnapshot({ previous: null, rows: rows.toReversed() }, true)).toEqual(folded)
  })

  test('extends a snapshot row', () => {
    const rows = asRows(typed('hello'))
    const previous = foldToSnapshot({ previous: null, rows: rows.slice(0, 2) }, true)
    const sources = { previous, rows: rows.slice(2) }
    expect(foldToSnapshot(sources, true)).toEqual(foldToSnapshot({ previous: null, rows }, true))
  })

  test('is an empty document if there are no rows', () => {
    const { doc, carried } = foldRows({ previous: null, rows: [] }, true)
    expect(doc.store.clients.size).toBe(0)
    expect(carried).toEqual([])
  })

  test('removes garbage with gc, and keeps it without', () => {
    const rows = asRows(
      record(
        (doc) => {
          doc.getText('t').insert(0, 'a secret')
          doc.getText('t').delete(0, 8)
        },
        new Y.Doc({ gc: false }),
      ),
    )
    const has = (gc: boolean) =>
      Buffer.from(foldToSnapshot({ previous: null, rows }, gc)).includes('a secret')
    expect([has(true), has(false)]).toEqual([false, true])
  })
})

describe('a row that cannot be folded as a whole is carried over', () => {
  test('together with all rows that build on it, if an earlier row is missing', () => {
    const rows = asRows(typed('abcd'))
    const { doc, carried } = foldRows({ previous: null, rows: rows.toSpliced(1, 1) }, true)
    expect(doc.getText('t').toString()).toBe('a')
    expect(carried.map(({ seq }) => seq)).toEqual([3, 4])
    expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null])
  })

  test('if it deletes missing content', () => {
    const doc = new Y.Doc()
    const [insert, remove] = record(() => {
      doc.getText('t').insert(0, 'abc')
      doc.getText('t').delete(1, 1)
    }, doc)
    if (insert === undefined || remove === undefined) throw new Error('two edits are two updates')
    const [waiting] = asRows([remove])
    expect(foldRows({ previous: null, rows: asRows([remove]) }, true).carried).toEqual([waiting])
    expect(foldRows({ previous: null, rows: asRows([insert, remove]) }, true).carried).toEqual([])
  })

  test('completely if only a part of its edits is present', () => {
    const [a, b, c] = typed('abc')
    if (a === undefined || b === undefined || c === undefined) throw new Error('three edits')
    const gap = Y.mergeUpdates([a, c])
    const { doc, carried } = foldRows({ previous: null, rows: asRows([gap]) }, true)
    expect(doc.getText('t').toString()).toBe('a')
    expect(carried).toHaveLength(1)
  })

  test('if nobody can read it, whatever else is pending', () => {
    const rows = asRows([...typed('ab'), new Uint8Array([1, 2, 3, 4]), new Uint8Array([0])])
    const { doc, carried } = foldRows({ previous: null, rows }, true)
    expect(doc.getText('t').toString()).toBe('ab')
    expect(carried.map(({ seq }) => seq)).toEqual([3, 4])
  })
})

describe('a row that decodes, but at which Yjs throws when it integrates it', () => {
  const POISON: readonly (readonly [name: string, bytes: readonly number[]])[] = [
    ['an item after one that comes later', [1, 1, 1, 0, 0x81, 1, 5, 1, 0]],
    ['an item before itself', [1, 1, 1, 0, 0x41, 1, 0, 1, 0]],
    ['an item in one that comes later', [1, 1, 1, 0, 0x01, 0, 1, 5, 1, 0]],
    ['a delete of length zero', [0, 1, 9, 1, 0, 0]],
  ]

  test.each(POISON)('%s: Yjs throws (the fault exists)', (_name, bytes) => {
    expect(Y.decodeUpdate(new Uint8Array(bytes))).toBeDefined()
    expect(() => Y.applyUpdate(new Y.Doc(), new Uint8Array(bytes))).toThrow()
  })

  test.each(POISON)('%s: the row is carried over and hides no other row', (_name, bytes) => {
    const rows = asRows([...typed('ab'), new Uint8Array(bytes)])
    const { doc, carried } = foldRows({ previous: null, rows }, true)
    expect(doc.getText('t').toString()).toBe('ab')
    expect(carried.map(({ seq }) => seq)).toEqual([3])
  })
})

describe('formatting', () => {
  /** Two people make the same words bold at the same time: some of their marks are redundant. */
  function redundantMarks(): UpdateRow[] {
    const [ada, bob] = [new Y.Doc(), new Y.Doc()]
    ada.clientID = 1
    bob.clientID = 2
    const textIn = (doc: Y.Doc) => doc.getXmlFragment('x').get(0) as Y.XmlText
    const updates = record(() => {
      const text = new Y.XmlText()
      ada.getXmlFragment('x').insert(0, [text])
      text.insert(0, 'some words')
    }, ada)
    Y.applyUpdate(bob, Y.encodeStateAsUpdate(ada))
    updates.push(...record(() => textIn(ada).format(0, 4, { bold: true }), ada))
    updates.push(...record(() => textIn(bob).format(0, 4, { bold: true }), bob))
    return asRows(updates)
  }
  const deletesOf = (doc: Y.Doc) => Y.createDeleteSetFromStructStore(doc.store).clients.size

  test('Yjs deletes redundant marks of rows that arrive one by one (the fault exists)', () => {
    const doc = new Y.Doc()
    for (const { data } of redundantMarks()) Y.applyUpdate(doc, data)
    expect(deletesOf(doc)).toBeGreaterThan(0)
  })

  test('a fold deletes nothing that no row deletes, with or without a snapshot row', () => {
    const rows = redundantMarks()
    expect(deletesOf(foldRows({ previous: null, rows }, true).doc)).toBe(0)
    const previous = foldToSnapshot({ previous: null, rows: rows.slice(0, 3) }, true)
    expect(deletesOf(foldRows({ previous, rows: rows.slice(3) }, true).doc)).toBe(0)
  })
})
