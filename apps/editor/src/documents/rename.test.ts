import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { renaming } from './rename.ts'

function stored(build: (fragment: Y.XmlFragment) => void): Y.Doc {
  const doc = new Y.Doc()
  build(doc.getXmlFragment('default'))
  return doc
}

function renamed(doc: Y.Doc, title: string): string {
  const update = renaming(Y.encodeStateAsUpdate(doc), title)
  if (update !== null) Y.applyUpdate(doc, update)
  return doc.getXmlFragment('default').toString()
}

const paragraph = (words: string) => {
  const element = new Y.XmlElement('paragraph')
  element.insert(0, [new Y.XmlText(words)])
  return element
}

test('a new title replaces the first line that is not empty, and nothing else', () => {
  const doc = stored((fragment) => fragment.insert(0, ['', 'Old log', 'rest'].map(paragraph)))
  expect(renamed(doc, 'New log')).toBe(
    '<paragraph></paragraph><paragraph>New log</paragraph><paragraph>rest</paragraph>',
  )
})

test('a document without a line gets a heading', () => {
  expect(renamed(new Y.Doc(), 'First')).toBe('<heading level="1">First</heading>')
})

test('an edit that another person makes to the title at the same time is kept', () => {
  const doc = stored((fragment) => fragment.insert(0, [paragraph('The log of May')]))
  const update = renaming(Y.encodeStateAsUpdate(doc), 'The log of June')
  const line = (doc.getXmlFragment('default').get(0) as Y.XmlElement).get(0) as Y.XmlText
  line.insert(3, ' long')
  if (update !== null) Y.applyUpdate(doc, update)
  expect(doc.getXmlFragment('default').toString()).toBe(
    '<paragraph>The long log of June</paragraph>',
  )
})

test('the same title is no edit', () => {
  const doc = stored((fragment) => fragment.insert(0, [paragraph('Log')]))
  expect(renaming(Y.encodeStateAsUpdate(doc), 'Log')).toBeNull()
})
