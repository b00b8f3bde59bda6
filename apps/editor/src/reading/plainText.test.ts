import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { plainText } from './plainText.ts'

test('every element with text becomes a line, whatever its name', () => {
  const fragment = new Y.Doc().getXmlFragment('default')
  const element = (name: string, ...children: (Y.XmlElement | Y.XmlText)[]) => {
    const made = new Y.XmlElement(name)
    made.insert(0, children)
    return made
  }
  const text = new Y.XmlText('to ')
  text.insertEmbed(3, { smile: true })
  fragment.insert(0, [
    element('callout', element('paragraph', new Y.XmlText('Mind the tide.')), element('chart')),
    element('p', text, element('mention', new Y.XmlText('@ada')), new Y.XmlText(' now')),
    element('empty'),
  ])
  expect(plainText(fragment)).toBe('Mind the tide.\n\nto @ada now')
})
