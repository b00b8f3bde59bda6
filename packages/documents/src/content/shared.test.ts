import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { readContent } from './read.ts'
import { codeOf, json, stored, write } from './testing/stored.ts'

describe('json', () => {
  const fill = (doc: Y.Doc) => {
    const map = doc.getMap('map')
    map.set('plain', { deep: [1, null, 'two'] })
    map.set('nested', new Y.Map([['list', Y.Array.from([1, 2])]]))
    map.set('bytes', new Uint8Array([0, 255]))
    map.set('big', 2n ** 60n)
    map.set('nan', Number.NaN)
    map.set('zero', -0)
    map.set('looks like one', { $bytes: 'no' })
    map.set('sub', new Y.Doc({ guid: 'inner', meta: { a: 1 }, autoLoad: true }))
    const text = new Y.Text('bold')
    text.format(0, 4, { bold: true })
    map.set('text', text)
    map.set('nothing', undefined)
    doc.getArray('array').push([true, new Y.Text('x')])
    doc.getText('text').insert(0, 'plain')
    const p = new Y.XmlElement('paragraph')
    p.insert(0, [new Y.XmlText('words')])
    doc.getXmlFragment('xml').insert(0, [p])
  }
  const expected = {
    array: [true, 'x'],
    map: {
      plain: { deep: [1, null, 'two'] },
      nested: { list: [1, 2] },
      bytes: { $bytes: 'AP8=' },
      big: { $bigint: '1152921504606846976' },
      nan: { $number: 'NaN' },
      zero: { $number: '-0' },
      nothing: { $undefined: true },
      'looks like one': { $object: { $bytes: 'no' } },
      sub: { $subdocument: { guid: 'inner', meta: { a: 1 }, autoLoad: true } },
      text: { $delta: [{ insert: 'bold', attributes: { bold: true } }] },
    },
    text: 'plain',
    xml: {
      type: 'doc',
      content: [{ type: 'paragraph', content: [{ type: 'text', text: 'words' }] }],
    },
  }

  test('contains all roots, and can be imported again', () => {
    expect(json(stored(fill))).toEqual(expected)
    expect(json(stored(fill), { root: 'array' })).toEqual(expected.array)
    expect(json(stored(fill), { type: 'text' })).toEqual({ text: 'plain' })
    const again = readContent('json', JSON.stringify(expected))
    expect(json(again)).toEqual(expected)
    expect(again.getMap('map').get('nested')).toBeInstanceOf(Y.Map)
    expect(again.getMap('map').get('bytes')).toEqual(new Uint8Array([0, 255]))
  })

  test('is written into its root if it is the JSON of one root', () => {
    const doc = readContent('json', '{"a":[1]}', { root: 'r' })
    expect(json(doc)).toEqual({ r: { a: [1] } })
    expect(json(readContent('json', '"words"', { root: 'r' }))).toEqual({ r: 'words' })
  })

  test('is also the output of the other formats for maps and arrays', () => {
    const doc = stored((doc) => doc.getMap('m').set('<k>', 1))
    expect(write(doc, 'text')).toBe('{\n  "<k>": 1\n}')
    expect(write(doc, 'html')).toBe('<pre>{\n  "&#x3C;k>": 1\n}</pre>')
    expect(write(doc, 'markdown')).toBe('```json\n{\n  "<k>": 1\n}\n```\n')
  })

  test('nested xml and texts with attributes come back as their original types', () => {
    const doc = stored((doc) => {
      const element = new Y.XmlElement('p')
      const words = new Y.XmlText('words')
      element.insert(0, [words])
      element.setAttribute('level', 2 as unknown as string)
      const fragment = new Y.XmlFragment()
      fragment.insert(0, [new Y.XmlElement('br')])
      const hook = new Y.XmlHook('widget')
      hook.set('on', true)
      const text = new Y.Text('x')
      const parts = { element, fragment, hook, text, xmlText: new Y.XmlText('y') }
      for (const [key, part] of Object.entries(parts)) doc.getMap('m').set(key, part)
      text.setAttribute('lang', 'en')
      doc.getText('t').insert(0, 'see: ')
      doc.getText('t').insertEmbed(5, new Y.Map([['a', 1]]))
    })
    const again = readContent('json', JSON.stringify(json(doc)))
    expect(json(again)).toEqual(json(doc))
    const map = again.getMap('m')
    expect(map.get('element')).toBeInstanceOf(Y.XmlElement)
    expect(map.get('fragment')).toBeInstanceOf(Y.XmlFragment)
    expect(map.get('hook')).toBeInstanceOf(Y.XmlHook)
    expect(map.get('xmlText')).toBeInstanceOf(Y.XmlText)
    expect((map.get('text') as Y.Text).getAttribute('lang')).toBe('en')
    expect(again.getText('t').toDelta()[1].insert).toBeInstanceOf(Y.Map)
  })

  test('a map that looks like a marker or a document comes back as a map', () => {
    const lookalikes: Record<string, unknown>[] = [
      ...['$bytes', '$bigint', '$delta', '$undefined', '$object', '$shared', '$xmlText'].map(
        (key) => ({ [key]: 'hello' }),
      ),
      { $delta: [1] },
      { $object: { $bytes: 'AP8=' } },
      { type: 'doc', content: [] },
      { type: 'doc', content: [{ type: 'paragraph' }] },
      { $xmlFragment: { children: [] } },
    ]
    for (const entries of lookalikes) {
      for (const isNested of [false, true]) {
        const doc = stored((doc) => {
          const map = doc.getMap('m')
          const target = isNested ? map.set('k', new Y.Map<unknown>()) : map
          for (const [key, value] of Object.entries(entries)) target.set(key, value)
        })
        const again = readContent('json', JSON.stringify(json(doc)))
        expect(again.getMap('m').toJSON()).toEqual(isNested ? { k: entries } : entries)
        expect(json(again)).toEqual(json(doc))
      }
    }
  })

  test.each([
    ['text that is not JSON', '{'],
    ['a number', '1'],
    ['a number as a root', '{"r":1}'],
    ['a marker with a value of the wrong type', '{"r":{"k":{"$bytes":1}}}'],
    ['a value that is not base64', '{"r":{"k":{"$bytes":"?"}}}'],
    ['a delta operation without an insert', '{"r":{"$delta":[{}]}}'],
    ['JSON that is nested too deeply', `{"r":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  ])('%s is refused', (_name, text) => {
    expect(codeOf(() => readContent('json', text))).toMatch(/^invalid_content: /)
  })
})
