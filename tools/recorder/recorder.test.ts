import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { parseHistory } from '../../test/harness/history.ts'
import { replaySteps } from '../../test/harness/historyReplay.ts'
import { findPatch, plainTextOf, recordText } from './recorder.ts'

test.each([
  ['', 'a', [0, 0, 'a']],
  ['ab', 'b', [0, 1, '']],
  ['aa', 'aaa', [2, 0, 'a']],
  ['🌱 soil', '🌱🌧 soil', [1, 0, '🌧']],
  ['🌱', '🌲', [0, 1, '🌲']],
  ['one two', 'one 2', [4, 3, '2']],
])('the change from %j to %j gives one patch', (before, after, patch) => {
  expect(findPatch(before, after)).toEqual(patch)
})

test('each block and each line break gives one line, however deep it is nested, and marks give no text', () => {
  const fragment = new Y.Doc().getXmlFragment()
  const add = <T extends Y.XmlElement | Y.XmlText>(parent: Y.XmlFragment, child: T): T => {
    parent.push([child])
    return child
  }
  const first = add(fragment, new Y.XmlElement('paragraph'))
  const bold = add(first, new Y.XmlText('loud'))
  add(first, new Y.XmlElement('hardBreak'))
  add(first, new Y.XmlText('quiet'))
  add(fragment, new Y.XmlElement('paragraph'))
  const item = add(add(fragment, new Y.XmlElement('bulletList')), new Y.XmlElement('listItem'))
  add(add(item, new Y.XmlElement('paragraph')), new Y.XmlText('milk'))
  bold.format(0, 2, { bold: {} })
  expect(plainTextOf(fragment)).toBe('loud\nquiet\n\nmilk')
})

test('the replay of a recording gives the recorded text', () => {
  const doc = new Y.Doc()
  const text = doc.getText()
  text.insert(0, 'Hello')
  const recording = recordText(doc, () => text.toString())
  text.insert(5, ' שלום 🌱')
  text.delete(0, 1)
  text.insert(0, 'h')
  const history = parseHistory(recording.stop())
  expect(history.transactions).toHaveLength(3)

  const replayed = new Y.Doc().getText()
  for (const step of replaySteps(history)) step.apply(replayed)
  expect(replayed.toString()).toBe(text.toString())
})
