import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { isDeep } from '../../../../test/harness/deep.ts'
import { randomDocument } from '../../../server/src/compaction/testing/documents.ts'
import { diffContent } from './diff.ts'
import { restoreContent } from './restore.ts'

const BOUNDS = { maxEdits: 2_000, timeoutMs: 5_000 }
const runs = isDeep ? 5_000 : 30

/** A document as readers of stored rows see it: roots without a type, and garbage collected. */
function documentOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc({ guid: 'made' })
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
  return doc
}

/** The visible content, root by root. It reads a copy: asking for the type of a root changes the document. */
function contentOf(doc: Y.Doc) {
  const copy = documentOf([Y.encodeStateAsUpdate(doc)])
  return {
    text: copy.getText('text').toDelta(),
    map: Object.fromEntries(
      [...copy.getMap('map')].map(([key, value]) => [
        key,
        value instanceof Y.Doc
          ? value.guid
          : value instanceof Y.AbstractType
            ? value.toJSON()
            : value,
      ]),
    ),
    array: copy.getArray('array').toJSON(),
    xml: copy.getXmlFragment('xml').toString(),
  }
}

const history = fc.record({
  seed: fc.nat(),
  steps: fc.integer({ min: 1, max: 120 }),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe('restoring', () => {
  test.each<[string, unknown]>([
    ['NaN', [Number.NaN, { x: Number.NaN }]],
    ['the key constructor', [{ constructor: 1 }, { constructor: { constructor: 'x' } }]],
    ['bytes and a big integer', [new Uint8Array([1]), 2n ** 60n, undefined, {}]],
  ])('does not change values that are the same: %s', (_, value) => {
    const version = new Y.Doc({ guid: 'made' })
    version.getMap('map').set('key', [value])
    version.getArray('array').push([value])
    version.getText('text').insertEmbed(0, { value: 'x' }, { mark: { constructor: 1 } })
    const rows = [Y.encodeStateAsUpdate(version)]
    const current = documentOf(rows)
    current.getMap('map').set('key', 'other')
    const restored = restoreContent(current, documentOf(rows)) ?? new Uint8Array()
    const { structs } = Y.decodeUpdate(restored)
    expect(structs.map((struct) => struct.length)).toEqual([1])
    expect(restoreContent(current, documentOf(rows))).toBeNull()
    expect(diffContent(documentOf(rows), current, BOUNDS).changes).toEqual([])
  })

  test('brings the old content back exactly, and a second restore changes nothing', () => {
    fc.assert(
      fc.property(history, ({ seed, steps, at }) => {
        const { updates } = randomDocument(seed, steps)
        const version = documentOf(updates.slice(0, Math.floor(at * updates.length)))
        const current = documentOf(updates)
        const before = Y.encodeStateAsUpdate(current)

        const update = restoreContent(current, version)
        const elsewhere = documentOf([before, ...(update === null ? [] : [update])])
        expect(contentOf(elsewhere)).toEqual(contentOf(version))
        expect(contentOf(current)).toEqual(contentOf(version))
        expect(elsewhere.store.pendingStructs).toBeNull()
        expect(restoreContent(elsewhere, version)).toBeNull()
      }),
      { numRuns: runs },
    )
  })

  test('can itself be undone by restoring the state before it', () => {
    fc.assert(
      fc.property(history, ({ seed, steps, at }) => {
        const { updates } = randomDocument(seed, steps)
        const version = documentOf(updates.slice(0, Math.floor(at * updates.length)))
        const current = documentOf(updates)
        const before = documentOf([Y.encodeStateAsUpdate(current)])
        restoreContent(current, version)
        restoreContent(current, before)
        expect(contentOf(current)).toEqual(contentOf(before))
        restoreContent(current, version)
        expect(contentOf(current)).toEqual(contentOf(version))
      }),
      { numRuns: Math.ceil(runs / 3) },
    )
  })

  test('does not change content that lives in both states', () => {
    const { updates, doc } = recorded()
    doc.getText('text').insert(0, 'one two three')
    const version = documentOf(updates)
    doc.getText('text').delete(4, 4)
    doc.getText('text').insert(0, 'zero ')
    const carets = ['one', 'three'].map((word) => {
      const text = doc.getText('text')
      return Y.createRelativePositionFromTypeIndex(text, text.toString().indexOf(word))
    })
    const update = restoreContent(documentOf(updates), version)
    if (update !== null) Y.applyUpdate(doc, update)
    expect(doc.getText('text').toString()).toBe('one two three')
    expect(
      carets.map((caret) => Y.createAbsolutePositionFromRelativePosition(caret, doc)?.index),
    ).toEqual([0, 8])
  })

  test('keeps concurrent edits, both in kept and in restored content', () => {
    const { updates, doc } = recorded()
    doc.getText('text').insert(0, 'Hello brave world')
    const version = documentOf(updates)
    doc.getText('text').delete(6, 6)
    const other = documentOf(updates)
    other.getText('text').insert(5, ',')
    other.getText('text').insert(12, '!')
    doc.getText('text').insert(0, '> ')
    const update = restoreContent(documentOf(updates), version) ?? new Uint8Array()
    for (const one of [doc, other]) Y.applyUpdate(one, update)
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
    expect(doc.getText('text').toString()).toBe('Hello, brave world!')
    expect(other.getText('text').toString()).toBe('Hello, brave world!')
  })

  test('brings back nested types whose content was collected', () => {
    const { updates, doc } = recorded()
    const map = new Y.Map<unknown>([['list', Y.Array.from(['a', 'b'])]])
    doc.getMap('map').set('k', map)
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText('in it')])
    doc.getXmlFragment('xml').insert(0, [paragraph])
    const version = documentOf(updates)
    doc.getMap('map').delete('k')
    doc.getXmlFragment('xml').delete(0, 1)
    const current = documentOf(updates)
    restoreContent(current, version)
    expect(contentOf(current)).toMatchObject({
      map: { k: { list: ['a', 'b'] } },
      xml: '<paragraph>in it</paragraph>',
    })
  })

  test('also restores content that the current state has lost', () => {
    const { updates, doc } = recorded()
    doc.getText('text').insert(0, 'kept ')
    const lost = documentOf(updates)
    doc.getText('text').insert(5, 'lost')
    const current = documentOf([Y.encodeStateAsUpdate(lost)])
    restoreContent(current, documentOf(updates))
    expect(current.getText('text').toString()).toBe('kept lost')
  })
})

test('undoing a deletion after it was restored repeats the text, and never mixes the two copies', () => {
  const word = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('a', 'b', 'é', '😀') })
  const insertion = fc.record({ at: fc.nat(), word, who: fc.nat({ max: 2 }) })
  fc.assert(
    fc.property(
      fc.array(insertion, { minLength: 1, maxLength: 8 }),
      fc.nat(),
      fc.nat(),
      (insertions, from, length) => {
        const docs = [
          new Y.Doc({ guid: 'made' }),
          new Y.Doc({ guid: 'made' }),
          new Y.Doc({ guid: 'made' }),
        ]
        for (const { at, word, who } of insertions) {
          const doc = docs[who] as Y.Doc
          const text = doc.getText('text')
          text.insert(boundary(text.toString(), at), word)
          for (const other of docs) Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
        }
        const [doc] = docs as [Y.Doc]
        const text = doc.getText('text')
        const before = text.toString()
        const version = documentOf([Y.encodeStateAsUpdate(doc)])
        const start = boundary(before, from)
        const deleted = before.slice(start, start + boundary(before.slice(start), length))
        const undo = new Y.UndoManager(text)
        if (deleted !== '') text.delete(start, deleted.length)
        const restored = restoreContent(documentOf([Y.encodeStateAsUpdate(doc)]), version)
        if (restored !== null) Y.applyUpdate(doc, restored, 'the provider')
        expect(text.toString()).toBe(before)
        undo.undo()
        const after = before.slice(start + deleted.length)
        expect(text.toString()).toBe(before.slice(0, start) + deleted + deleted + after)
      },
    ),
    { numRuns: runs },
  )
})

test('text that somebody typed around a deleted word stays around it when the word is restored', () => {
  const { updates, doc } = recorded()
  doc.getText('text').insert(0, 'a brave world')
  const version = documentOf(updates)
  const [before, after] = [documentOf(updates), documentOf(updates)]
  before.getText('text').insert(2, 'very ')
  after.getText('text').insert(7, 'st')
  doc.getText('text').delete(2, 5)
  const update = restoreContent(documentOf(updates), version) ?? new Uint8Array()
  for (const each of [update, ...[before, after].map((one) => Y.encodeStateAsUpdate(one))]) {
    Y.applyUpdate(doc, each)
  }
  expect(doc.getText('text').toString()).toBe('a very bravest world')
})

/** An index below or at the end of a text that does not cut a character in two. */
function boundary(text: string, wanted: number): number {
  const index = wanted % (text.length + 1)
  const unit = text.charCodeAt(index)
  return unit >= 0xdc00 && unit <= 0xdfff ? index - 1 : index
}

test('concurrent edits that the restorer has not seen are kept and converge', () => {
  fc.assert(
    fc.property(history, fc.nat(), ({ seed, steps, at }, marker) => {
      const { docs, ...recorded } = randomDocument(seed, steps)
      const updates = [...recorded.updates]
      const version = documentOf(updates.slice(0, Math.floor(at * updates.length)))
      const current = documentOf(updates)
      const unseen = docs.map((doc, index) => {
        for (const update of updates) Y.applyUpdate(doc, update)
        const since = Y.encodeStateVector(doc)
        const text = doc.getText('text')
        text.insert(marker % (text.length + 1), `«${index}»`)
        doc.getArray('array').push([`«${index}»`])
        return Y.encodeStateAsUpdate(doc, since)
      })
      const update = restoreContent(current, version)
      const restored = update === null ? [] : [update]
      const one = documentOf([...updates, ...restored, ...unseen])
      const other = documentOf([...updates, ...unseen.toReversed(), ...restored])
      expect(contentOf(one)).toEqual(contentOf(other))
      for (const doc of docs) for (const each of [...unseen, ...restored]) Y.applyUpdate(doc, each)
      const [first] = docs
      if (first !== undefined) expect(contentOf(first)).toEqual(contentOf(one))
      for (const index of docs.keys()) {
        expect(JSON.stringify(contentOf(one).text)).toContain(`«${index}»`)
        expect(contentOf(one).array).toContain(`«${index}»`)
      }
    }),
    { numRuns: runs },
  )
})

function recorded() {
  const updates: Uint8Array[] = []
  const doc = new Y.Doc({ guid: 'made' })
  doc.on('update', (update: Uint8Array) => updates.push(update))
  return { updates, doc }
}
