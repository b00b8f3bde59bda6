import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { isDeep } from '../../../../test/harness/deep.ts'
import { randomDocument } from '../../../server/src/compaction/testing/documents.ts'
import { diffContent } from './diff.ts'
import type { TextPart } from './difference.ts'
import { restoreContent } from './restore.ts'
import { anyCharacter } from './testing/any-character.ts'
import { wordsOf } from './words.ts'

const BOUNDS = { maxEdits: 2_000, timeoutMs: 5_000 }
const runs = isDeep ? 3_000 : 40

function documentOf(...updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc({ guid: 'made' })
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
  return doc
}

/** The changes that an edit makes, between two documents that are built from stored rows. */
function changesOf(begin: (doc: Y.Doc) => void, edit: (doc: Y.Doc) => void) {
  const doc = new Y.Doc({ guid: 'made' })
  doc.transact(() => begin(doc))
  const before = documentOf(Y.encodeStateAsUpdate(doc))
  doc.transact(() => edit(doc))
  const { changes, isCut } = diffContent(before, documentOf(Y.encodeStateAsUpdate(doc)), BOUNDS)
  expect(isCut).toBe(false)
  return changes
}

const write = (text: string) => (doc: Y.Doc) => doc.getText('text').insert(0, text)

describe('a text', () => {
  test('is compared by words', () => {
    const changes = changesOf(write('The quick brown fox jumps.'), (doc) => {
      doc.getText('text').delete(4, 5)
      doc.getText('text').insert(4, 'slow')
      doc.getText('text').insert(24, ' high')
    })
    expect(changes).toEqual([
      {
        type: 'text',
        path: ['text'],
        parts: [
          { type: 'same', text: 'The ' },
          { type: 'removed', text: 'quick' },
          { type: 'added', text: 'slow' },
          { type: 'same', text: ' brown fox jumps' },
          { type: 'added', text: ' high' },
          { type: 'same', text: '.' },
        ],
      },
    ])
  })

  test('reports text whose only change is its formatting, within words too', () => {
    const changes = changesOf(write('one two three'), (doc) =>
      doc.getText('text').format(5, 4, { bold: true, link: { href: 'a' } }),
    )
    expect(changes).toMatchObject([
      {
        parts: [
          { type: 'same', text: 'one t' },
          {
            type: 'formatted',
            text: 'wo t',
            before: {},
            after: { bold: true, link: { href: 'a' } },
          },
          { type: 'same', text: 'hree' },
        ],
      },
    ])
  })

  test('shows an embed with its content', () => {
    const changes = changesOf(write('a b'), (doc) =>
      doc.getText('text').insertEmbed(2, { image: 'x.png' }),
    )
    expect(changes).toMatchObject([
      {
        parts: [{ type: 'same' }, { type: 'added', text: '[{"image":"x.png"}]' }, { type: 'same' }],
      },
    ])
  })

  test('leaves out text far from any change', () => {
    const long = 'All work and no play. '.repeat(100)
    const [change] = changesOf(write(long + long), (doc) =>
      doc.getText('text').insert(long.length, 'HERE '),
    )
    const parts = change?.type === 'text' ? change.parts : []
    expect(parts.map(({ type }) => type)).toEqual(['skipped', 'same', 'added', 'same', 'skipped'])
    const shown = parts.reduce(
      (sum, part) => sum + (part.type === 'skipped' ? part.length : part.text.length),
      0,
    )
    expect(shown).toBe(2 * long.length + 5)
  })

  test('counts as replaced if it differs too much', () => {
    const words = (n: number) => Array.from({ length: 500 }, (_, i) => `${n}x${i}`).join(' ')
    const [before, after] = [new Y.Doc({ guid: 'made' }), new Y.Doc({ guid: 'made' })]
    write(`same start ${words(1)} same end`)(before)
    write(`same start ${words(2)} same end`)(after)
    const bounds = { maxEdits: 10, timeoutMs: 5_000 }
    const { changes, isCut } = diffContent(before, after, bounds)
    expect(isCut).toBe(true)
    expect(changes).toMatchObject([
      {
        parts: [
          { type: 'same', text: 'same start ' },
          { type: 'removed', text: words(1) },
          { type: 'added', text: words(2) },
          { type: 'same', text: ' same end' },
        ],
      },
    ])
  })
})

describe('words', () => {
  test.each([
    ['don’t stop', ['don’t', ' ', 'stop']],
    ['Привет, мир!', ['Привет', ',', ' ', 'мир', '!']],
    ['漢字かな123', ['漢', '字', 'か', 'な', '123']],
    ['👩‍👩‍👧🇨🇭👍🏽a', ['👩‍👩‍👧', '🇨🇭', '👍🏽', 'a']],
    ['שלום עולם\n', ['שלום', ' ', 'עולם', '\n']],
  ])('of %j are separated', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('join to the original text, whatever it contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(wordsOf(text).join('')).toBe(text)
      }),
    )
  })
})

describe('structure', () => {
  test('maps are compared key by key, including nested ones', () => {
    const changes = changesOf(
      (doc) => {
        doc.getMap('map').set('a', 1)
        doc.getMap('map').set('gone', [1, 2])
        doc.getMap('map').set('same', { x: 1 })
        doc.getMap('map').set('inner', new Y.Map([['k', 'old']]))
      },
      (doc) => {
        doc.getMap('map').set('a', 2)
        doc.getMap('map').delete('gone')
        doc.getMap('map').set('same', { x: 1 })
        doc.getMap('map').set('new', new Y.Map([['n', new Y.Array()]]))
        ;(doc.getMap('map').get('inner') as Y.Map<string>).set('k', 'new')
      },
    )
    expect(changes).toHaveLength(4)
    expect(changes).toEqual(
      expect.arrayContaining([
        { type: 'changed', path: ['map', 'a'], before: 1, after: 2 },
        { type: 'removed', path: ['map', 'gone'], value: [1, 2] },
        { type: 'added', path: ['map', 'new'], value: { n: [] } },
        { type: 'changed', path: ['map', 'inner', 'k'], before: 'old', after: 'new' },
      ]),
    )
  })

  test('lists report added and removed values with their positions', () => {
    const changes = changesOf(
      (doc) => doc.getArray('list').push(['a', 'b', 'c', 'd']),
      (doc) => {
        doc.getArray('list').delete(1, 1)
        doc.getArray('list').insert(3, ['e'])
        doc.getArray('list').delete(0, 1)
        doc.getArray('list').insert(0, ['A'])
      },
    )
    expect(changes).toEqual([
      { type: 'changed', path: ['list', 0], before: 'a', after: 'A' },
      { type: 'removed', path: ['list', 1], value: 'b' },
      { type: 'added', path: ['list', 3], value: 'e' },
    ])
  })

  test('xml is compared node by node, and its text by words', () => {
    const block = (name: string, text: string) => {
      const element = new Y.XmlElement(name)
      element.insert(0, [new Y.XmlText(text)])
      return element
    }
    const changes = changesOf(
      (doc) =>
        doc
          .getXmlFragment('xml')
          .insert(0, [block('heading', 'Title'), block('p', 'first words'), block('p', 'last')]),
      (doc) => {
        const xml = doc.getXmlFragment('xml')
        ;(xml.get(0) as Y.XmlElement).setAttribute('level', '2')
        ;((xml.get(1) as Y.XmlElement).get(0) as Y.XmlText).insert(6, 'new ')
        xml.insert(1, [block('p', 'between')])
        xml.delete(3, 1)
      },
    )
    expect(changes).toEqual([
      { type: 'added', path: ['xml', 0, 'level'], value: '2' },
      { type: 'added', path: ['xml', 1], value: '<p>between</p>' },
      {
        type: 'text',
        path: ['xml', 2, 0],
        parts: [
          { type: 'same', text: 'first ' },
          { type: 'added', text: 'new ' },
          { type: 'same', text: 'words' },
        ],
      },
      { type: 'removed', path: ['xml', 2], value: '<p>last</p>' },
    ])
  })
})

describe('for any two documents', () => {
  const histories = fc.record({
    seed: fc.nat(),
    steps: fc.integer({ min: 1, max: 100 }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  })

  test('the parts of a text give both the old and the new text', () => {
    fc.assert(
      fc.property(histories, ({ seed, steps, at }) => {
        const { updates } = randomDocument(seed, steps)
        const before = documentOf(...updates.slice(0, Math.floor(at * updates.length)))
        const after = documentOf(...updates)
        const { changes } = diffContent(before, after, BOUNDS)
        const change = changes.find(({ path }) => path.join() === 'text')
        if (change?.type !== 'text') return
        const side = (type: TextPart['type']) =>
          change.parts
            .map((part) =>
              part.type === 'skipped'
                ? '…'.repeat(part.length)
                : part.type === type
                  ? ''
                  : part.text,
            )
            .join('')
        expect(side('added')).toHaveLength(lengthOf(before))
        expect(side('removed')).toHaveLength(lengthOf(after))
      }),
      { numRuns: runs },
    )
  })

  test('a restore changes documents that differ, and leaves no difference', () => {
    fc.assert(
      fc.property(histories, ({ seed, steps, at }) => {
        const { updates } = randomDocument(seed, steps)
        const version = documentOf(...updates.slice(0, Math.floor(at * updates.length)))
        const current = documentOf(...updates)
        const { changes } = diffContent(version, current, BOUNDS)
        const update = restoreContent(current, version)
        if (changes.length > 0) expect(update).not.toBeNull()
        expect(diffContent(version, current, BOUNDS)).toEqual({ changes: [], isCut: false })
      }),
      { numRuns: runs },
    )
  })
})

/** The length of a text as a difference shows it: with its embeds as JSON in brackets. */
function lengthOf(doc: Y.Doc): number {
  const copy = documentOf(Y.encodeStateAsUpdate(doc))
  const delta = copy.getText('text').toDelta() as { insert: unknown }[]
  return delta.reduce(
    (sum, { insert }) =>
      sum + (typeof insert === 'string' ? insert.length : JSON.stringify(insert).length + 2),
    0,
  )
}
