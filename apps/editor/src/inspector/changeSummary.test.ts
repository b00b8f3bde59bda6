import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { summaryInWords, summaryOf } from './changeSummary.ts'

/** The single update of an edit. */
function updateOf(edit: (doc: Y.Doc) => void, before: (doc: Y.Doc) => void = () => {}): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = 7
  before(doc)
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  doc.transact(() => edit(doc))
  const [update] = updates
  if (update === undefined || updates.length > 1) throw new Error('not one update')
  return update
}

const hello = (doc: Y.Doc) => doc.getText('t').insert(0, 'Hello world')

test.each<[string, Uint8Array]>([
  ['+11 letters, “Hello world”', updateOf(hello)],
  ['+1 letter, “ ”', updateOf((doc) => doc.getText('t').insert(0, ' '))],
  ['+60 letters', updateOf((doc) => doc.getText('t').insert(0, 'x'.repeat(60)))],
  ['−6', updateOf((doc) => doc.getText('t').delete(5, 6), hello)],
  ['2 marks', updateOf((doc) => doc.getText('t').format(0, 5, { bold: true }), hello)],
  ['sets title', updateOf((doc) => doc.getMap('m').set('title', 'Minutes'))],
  [
    'sets a, b, c, 2 more',
    updateOf((doc) => {
      for (const key of 'abcde') doc.getMap('m').set(key, 1)
    }),
  ],
  ['+3 values', updateOf((doc) => doc.getArray('a').push([1, 'two', null]))],
  ['+map', updateOf((doc) => doc.getArray('a').push([new Y.Map()]))],
  ['+subdocument', updateOf((doc) => doc.getArray('a').push([new Y.Doc()]))],
  [
    '+2 letters, “Hi”, +2 × paragraph',
    updateOf((doc) => {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText('Hi')])
      doc.getXmlFragment('default').insert(0, [paragraph, new Y.XmlElement('paragraph')])
    }),
  ],
])('an update is summarised as "%s"', (words, update) => {
  expect(summaryInWords(summaryOf(update))).toBe(words)
})

describe('the writers of a row', () => {
  test('are the clients whose edits the row contains', () => {
    expect(summaryOf(updateOf(hello)).writers).toEqual([7])
    const other = new Y.Doc()
    other.clientID = 9
    other.getText('t').insert(0, 'me too')
    const both = Y.mergeUpdates([updateOf(hello), Y.encodeStateAsUpdate(other)])
    expect([...summaryOf(both).writers].sort()).toEqual([7, 9])
  })

  test('are unknown if the row only deletes', () => {
    expect(summaryOf(updateOf((doc) => doc.getText('t').delete(0, 1), hello)).writers).toEqual([])
  })
})

test('the summary of an invalid row says that it cannot be read', () => {
  const sound = updateOf(hello)
  for (const bad of [
    new Uint8Array([1, 2, 3]),
    sound.slice(0, -2),
    new Uint8Array([...sound, 0]),
  ]) {
    const summary = summaryOf(bad)
    expect(summary.problem).not.toBeNull()
    expect(summaryInWords(summary)).toMatch(/^cannot be read: /)
  }
})

test('an empty update is summarised as "nothing new"', () => {
  expect(summaryInWords(summaryOf(Y.encodeStateAsUpdate(new Y.Doc())))).toBe('nothing new')
})
