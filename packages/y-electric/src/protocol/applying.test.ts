import { describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { applyRow, endingTransactions } from './applying.ts'
import { foldRows } from './fold.ts'
import { noIds, pushRange } from './id-ranges.ts'
import { encodeStructs } from './update-encoding.ts'

/** One update for each edit. */
function recorded(clientID: number): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new Y.Doc()
  doc.clientID = clientID
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  return { doc, updates }
}

const garbage = (client: number, length: number) =>
  encodeStructs([new Y.GC(Y.createID(client, 0), length)], noIds())

/** Two valid rows, and garbage that contradicts them at the first ids: with it, Yjs throws. */
function contradicting() {
  const { doc, updates } = recorded(1)
  doc.getText('t').insert(0, 'abcdef')
  doc.getText('t').insert(6, 'ghi')
  const [first = new Uint8Array(), second = new Uint8Array()] = updates
  return { first, second, bad: garbage(1, 3) }
}

describe('a row at which Yjs throws together with another row', () => {
  test('is dropped by plain Yjs (the fault exists)', () => {
    const { first, bad } = contradicting()
    const doc = new Y.Doc()
    Y.applyUpdate(doc, bad)
    expect(() => Y.applyUpdate(doc, first)).toThrow()
  })

  test('adds what the document lacks, and the rows after it are shown', () => {
    const { first, second, bad } = contradicting()
    const doc = new Y.Doc()
    for (const row of [bad, first, second]) applyRow(doc, row)
    expect(Y.getState(doc.store, 1)).toBe(9)
    expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null])
    const { doc: folded } = foldRows(
      {
        previous: null,
        rows: [bad, first, second].map((data, seq) => ({ seq, segment: 0, data })),
      },
      true,
    )
    expect(Y.encodeStateAsUpdateV2(doc)).toEqual(Y.encodeStateAsUpdateV2(folded))
  })

  test('does not remove pending updates', () => {
    const { first, second, bad } = contradicting()
    const other = recorded(2)
    other.doc.getText('o').insert(0, 'one')
    other.doc.getText('o').insert(3, 'two')
    const [one = new Uint8Array(), two = new Uint8Array()] = other.updates
    const doc = new Y.Doc()
    // `first` is pending here in one update with `two`, and Yjs throws when it tries it again.
    applyRow(doc, Y.mergeUpdates([two, second]))
    for (const row of [bad, first, one]) applyRow(doc, row)
    expect(doc.getText('o').toString()).toBe('onetwo')
    expect(Y.getState(doc.store, 1)).toBe(9)
  })

  test('leaves the document able to report edits', () => {
    const { first, bad } = contradicting()
    const doc = new Y.Doc()
    applyRow(doc, bad)
    applyRow(doc, first)
    let told = 0
    doc.on('update', () => told++)
    doc.getText('t').insert(0, 'x')
    expect(told).toBe(1)
  })
})

describe('a transaction that throws at its end', () => {
  test('makes plain Yjs stop reporting changes (the fault exists)', () => {
    const doc = new Y.Doc()
    const stop = () => {
      throw new Error('a listener')
    }
    doc.on('update', stop)
    expect(() => doc.getText('t').insert(0, 'a')).toThrow('a listener')
    doc.off('update', stop)
    let told = 0
    doc.on('update', () => told++)
    doc.getText('t').insert(0, 'b')
    expect(told).toBe(0)
  })

  test('is ended, the error is passed on, and edits are reported again', () => {
    const doc = new Y.Doc()
    const stop = () => {
      throw new Error('a listener')
    }
    doc.on('update', stop)
    expect(() => endingTransactions(doc, () => doc.getText('t').insert(0, 'a'))).toThrow(
      'a listener',
    )
    doc.off('update', stop)
    let told = 0
    doc.on('update', () => told++)
    doc.getText('t').insert(0, 'b')
    expect(told).toBe(1)
  })
})

/**
 * Two rows with different content for one id: a text of three letters, and, under the same ids, a
 * text of three letters that is in a map and has three more.
 */
function twins() {
  const { doc, updates } = recorded(1)
  doc.getMap('map').set('key', 'value')
  const first = recorded(2)
  first.doc.getText('text').insert(0, 'abc')
  const origin = Y.createID(1, 0)
  const twin = (clock: number, letters: string) => {
    const [id, content] = [Y.createID(2, clock), new Y.ContentString(letters)]
    return encodeStructs([new Y.Item(id, null, origin, null, null, null, null, content)], noIds())
  }
  const [map = new Uint8Array()] = updates
  const [text = new Uint8Array()] = first.updates
  return { map, text, twin }
}

/** Opens the roots, as an app does; then Yjs knows only their content. */
function encodedAfterOpening(doc: Y.Doc): Uint8Array {
  doc.getMap('map')
  doc.getText('text')
  return Y.encodeStateAsUpdate(doc)
}

describe('a row with other content for ids that the document holds', () => {
  test('makes plain Yjs lose an entry of a map and throw from then on (the fault exists)', () => {
    const { map, text, twin } = twins()
    const doc = new Y.Doc()
    for (const row of [map, text, twin(0, 'xyzxyz')]) Y.applyUpdate(doc, row)
    expect(() => encodedAfterOpening(doc)).toThrow('Unexpected case')
  })

  test('gives the same document as one that is built from the same rows', () => {
    const { map, text, twin } = twins()
    const doc = new Y.Doc()
    for (const row of [map, text, twin(0, 'xyzxyz')]) applyRow(doc, row)
    const rows = [map, text, twin(0, 'xyzxyz')].map((data, seq) => ({ seq, segment: 0, data }))
    const { doc: built } = foldRows({ previous: null, rows }, true)
    expect(doc.getText('text').toString()).toBe('abcxyz')
    expect(encodedAfterOpening(doc)).toEqual(encodedAfterOpening(built))
    expect(doc.getMap('map').toJSON()).toEqual({ key: 'value' })
  })

  test('is cut even if it waited for the edits in between', () => {
    const { map, text, twin } = twins()
    const doc = new Y.Doc()
    for (const row of [map, twin(2, 'zxyz'), text]) applyRow(doc, row)
    expect(doc.getText('text').toString()).toBe('abcxyz')
    expect(doc.store.pendingStructs).toBeNull()
    expect(() => encodedAfterOpening(doc)).not.toThrow()
  })

  test('does not affect other pending updates', () => {
    const { doc: author, updates } = recorded(3)
    for (const letter of 'abc') author.getText('t').insert(0, letter)
    const [one, two, three] = updates as [Uint8Array, Uint8Array, Uint8Array]
    const doc = new Y.Doc()
    for (const row of [three, two, three, Y.mergeUpdates([one, three])]) applyRow(doc, row)
    expect(doc.getText('t').toString()).toBe('cba')
  })
})

describe('a delete of types that several rows nest deeper than the stack', () => {
  /** Rows of 450 levels each, and a row that deletes the outermost type. */
  function deepRows(): Uint8Array[] {
    const { doc, updates } = recorded(1)
    let at: Y.Array<unknown> = doc.getArray('list')
    for (let row = 0; row < 20; row++) {
      doc.transact(() => {
        for (let i = 0; i < 450; i++) {
          const next = new Y.Array<unknown>()
          at.insert(0, [next])
          at = next
        }
      })
    }
    const deletes = noIds()
    pushRange(deletes, 1, 0, 1)
    return [...updates, encodeStructs([], deletes)]
  }

  const rows = deepRows()

  test('makes plain Yjs throw (the fault exists)', () => {
    const doc = new Y.Doc()
    for (const row of rows.slice(0, -1)) Y.applyUpdate(doc, row)
    expect(() => Y.applyUpdate(doc, rows.at(-1) ?? new Uint8Array())).toThrow()
  })

  test('deletes all of them, for a follower and in a joined state', () => {
    const follower = new Y.Doc()
    for (const row of rows) applyRow(follower, row)
    const sources = { previous: null, rows: rows.map((data, i) => ({ seq: i, segment: 0, data })) }
    const joined = foldRows(sources, true)
    expect(joined.doc.getArray('list').length).toBe(0)
    expect(follower.getArray('list').length).toBe(0)
    const deletesOf = (doc: Y.Doc) => Y.createDeleteSetFromStructStore(doc.store).clients
    expect(deletesOf(follower)).toEqual(deletesOf(joined.doc))
    expect(follower._transaction).toBeNull()
  })

  test('deletes all of them where Yjs collects garbage deeper than it deletes', () => {
    // How deep each goes depends on the machine, so the stack of the first delete ends at a fixed level here.
    const follower = new Y.Doc()
    for (const row of rows.slice(0, 1)) applyRow(follower, row)
    const { delete: deleteAll } = Y.ContentType.prototype
    let level = 0
    const spy = vi.spyOn(Y.ContentType.prototype, 'delete').mockImplementation(function (
      this: Y.ContentType,
      transaction,
    ) {
      level += 1
      if (level === 100) throw new RangeError('Maximum call stack size exceeded')
      deleteAll.call(this, transaction)
    })
    try {
      applyRow(follower, rows.at(-1) ?? new Uint8Array())
    } finally {
      spy.mockRestore()
    }
    expect(level).toBeGreaterThanOrEqual(450)
    expect(follower.getArray('list').length).toBe(0)
    const deletes = Y.createDeleteSetFromStructStore(follower.store).clients.get(1)
    expect(deletes?.map(({ clock, len }) => [clock, len])).toEqual([[0, 450]])
    expect(follower._transaction).toBeNull()
  })
})
