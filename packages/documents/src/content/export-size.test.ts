import type { RequestError } from '@y-electric/server'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { FORMAT_NAMES, ROOT_TYPES, type RootType } from './formats.ts'
import { type ContentFormat, writeContent } from './write.ts'

const MIB = 1024 * 1024
const FORMATS = FORMAT_NAMES.filter((name): name is ContentFormat => name !== 'stats')
const TEXTS = FORMATS.filter((name) => !name.startsWith('update'))

/** A text whose one large format value applies to each of many runs. */
function amplified(value: unknown, runs: number): Y.Doc {
  const doc = new Y.Doc()
  const text = doc.getText('notes')
  doc.transact(() => {
    text.insert(0, 'ab'.repeat(runs))
    for (let i = 0; i < runs; i++) text.format(i * 2, 1, { bold: true })
    text.format(0, runs * 2, { comment: value })
  })
  return doc
}

describe.each([
  ['a long text', 'x'.repeat(100_000)],
  ['a long list', { list: Array.from({ length: 20_000 }, (_, i) => i) }],
  ['a deep object', { a: { b: Array.from({ length: 5_000 }, () => ({ c: 'long enough' })) } }],
])('a small document with %s as the format of 1,000 runs', (_, value) => {
  const doc = amplified(value, 500)

  test('is small as an update', () => {
    expect(Y.encodeStateAsUpdate(doc).byteLength).toBeLessThan(200_000)
    expect(writeContent(doc, 'update', {}, MIB).body.length).toBeLessThan(200_000)
  })

  test.each(TEXTS)('is refused as %s quickly, before it is written', (format) => {
    const started = performance.now()
    expect(() => writeContent(doc, format, {}, MIB)).toThrow(
      expect.objectContaining({ code: 'export_too_large' }),
    )
    expect(performance.now() - started).toBeLessThan(500)
  })
})

test('values in maps, lists, elements and attributes count towards the limit of an export', () => {
  const long = 'x'.repeat(2_000)
  const fills: ((doc: Y.Doc) => void)[] = [
    (doc) => doc.getMap('root').set('key', long),
    (doc) => doc.getMap('root').set(long, 1),
    (doc) => doc.getArray('root').push([{ nested: [long] }]),
    (doc) => doc.getText('root').insertEmbed(0, { image: long }),
    (doc) => doc.getXmlFragment('root').push([new Y.XmlText(long)]),
    (doc) => {
      const element = new Y.XmlElement('paragraph')
      doc.getXmlFragment('root').push([element])
      element.setAttribute('id', long)
    },
    (doc) => doc.getMap('root').set('inner', new Y.Map([['deep', new Y.Text(long)]])),
  ]
  for (const fill of fills) {
    const doc = new Y.Doc()
    fill(doc)
    expect(() => writeContent(doc, 'json', {}, 1_000)).toThrow(
      expect.objectContaining({ code: 'export_too_large' }),
    )
  }
})

test.each(FORMATS)('an ordinary document within the limit is written as %s', (format) => {
  const doc = new Y.Doc()
  doc.getText('notes').insert(0, 'words '.repeat(1_000))
  const { body } = writeContent(doc, format)
  expect(writeContent(doc, format, {}, Buffer.byteLength(body) * 2).body).toEqual(body)
  expect(() => writeContent(doc, format, {}, Buffer.byteLength(body) - 1)).toThrow(
    expect.objectContaining({ code: 'export_too_large' }),
  )
})

test.each(TEXTS)(
  'a root is read as the requested type although that is not its own: %s',
  (format) => {
    const make = (): Y.Doc => {
      const doc = new Y.Doc()
      doc.getText('text').insert(0, 'words')
      doc.getMap('map').set('key', 'value')
      doc.getArray('array').push([1])
      doc.getXmlFragment('xml').push([new Y.XmlElement('paragraph')])
      // A server builds the document from rows, which do not say the type of a root.
      return applied(Y.encodeStateAsUpdate(doc))
    }
    const read = (root: string, type: RootType, maxBytes?: number): unknown => {
      try {
        return writeContent(make(), format, { root, type }, maxBytes).body
      } catch (error) {
        return (error as RequestError).code ?? error
      }
    }
    for (const root of ROOT_TYPES) {
      for (const type of ROOT_TYPES) expect(read(root, type, MIB)).toEqual(read(root, type))
    }
  },
)

test.each(TEXTS)('a document with a subdocument is exported within the limit: %s', (format) => {
  const doc = new Y.Doc()
  doc.getMap('map').set('part', new Y.Doc({ guid: 'part' }))
  doc.getArray('array').push([new Y.Doc({ guid: 'other' })])
  const write = (maxBytes?: number): unknown => {
    try {
      return writeContent(applied(Y.encodeStateAsUpdate(doc)), format, {}, maxBytes).body
    } catch (error) {
      return (error as RequestError).code ?? error
    }
  }
  expect(write(MIB)).toEqual(write())
  expect(typeof write(MIB)).toBe('string')
})

function applied(update: Uint8Array): Y.Doc {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return doc
}

test('only the requested root counts towards the limit of an export', () => {
  const doc = new Y.Doc()
  doc.getText('large').insert(0, 'x'.repeat(10_000))
  doc.getText('small').insert(0, 'x')
  expect(writeContent(doc, 'text', { root: 'small', type: 'text' }, 1_000).body).toBe('x')
})
