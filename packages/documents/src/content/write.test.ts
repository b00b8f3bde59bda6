import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { RootType } from './formats.ts'
import { readContent } from './read.ts'
import { listRoots } from './roots.ts'
import { codeOf, json, stored, write } from './testing/stored.ts'

describe('the type of a root', () => {
  test.each<[string, RootType | null, (doc: Y.Doc) => void]>([
    ['text', 'text', (doc) => doc.getText('r').insert(0, 'x')],
    ['an embed alone', 'text', (doc) => doc.getText('r').insertEmbed(0, { image: 'a' })],
    ['values', 'array', (doc) => doc.getArray('r').push([1])],
    ['bytes', 'array', (doc) => doc.getArray('r').push([new Uint8Array([1])])],
    ['nested types', 'array', (doc) => doc.getArray('r').push([new Y.Text('x'), new Y.Map()])],
    ['a subdocument', 'array', (doc) => doc.getArray('r').push([new Y.Doc()])],
    ['keys', 'map', (doc) => doc.getMap('r').set('k', 1)],
    ['an element', 'xml', (doc) => doc.getXmlFragment('r').insert(0, [new Y.XmlElement('p')])],
    ['a text of elements', 'xml', (doc) => doc.getXmlFragment('r').insert(0, [new Y.XmlText('x')])],
    [
      'only deleted keys',
      'map',
      (doc) => [doc.getMap('r').set('k', 1), doc.getMap('r').delete('k')],
    ],
    [
      'only deleted values, which do not show it',
      null,
      (doc) => [doc.getArray('r').push([1]), doc.getArray('r').delete(0)],
    ],
  ])('is derived from %s', (_name, type, fill) => {
    expect(listRoots(stored(fill))).toEqual([{ name: 'r', type }])
  })

  test('must be given unless there is only one', () => {
    const fill = (doc: Y.Doc) => {
      doc.getMap('settings').set('k', 1)
      doc.getText('body').insert(0, 'words')
    }
    expect(write(stored(fill), 'text')).toBe('words')
    const two = (doc: Y.Doc) => {
      fill(doc)
      doc.getXmlFragment('other').insert(0, [new Y.XmlElement('p')])
    }
    expect(codeOf(() => write(stored(two), 'text'))).toBe(
      'root_unknown: name one root; this document has "body" (text), "other" (xml), "settings" (map)',
    )
    expect(write(stored(two), 'text', { root: 'body' })).toBe('words')
    expect(write(stored(two), 'text', { type: 'text' })).toBe('words')
    expect(codeOf(() => write(stored(two), 'html', { root: 'nobody' }))).toMatch(
      /^root_unknown: .*"nobody"/,
    )
    expect(codeOf(() => write(stored(two), 'html', { type: 'array' }))).toMatch(/^root_unknown/)
    expect(codeOf(() => write(stored(two), 'prosemirror', { root: 'settings' }))).toMatch(
      /^root_unknown/,
    )
  })

  test('an empty document is empty in every format', () => {
    const doc = stored(() => {})
    expect(['text', 'html', 'markdown'].map((format) => write(doc, format as 'text'))).toEqual([
      '',
      '',
      '',
    ])
    expect(JSON.parse(write(doc, 'prosemirror'))).toEqual({ type: 'doc', content: [] })
    expect(json(doc)).toEqual({})
  })
})

describe('text with formats, as Quill stores it', () => {
  const quill = (doc: Y.Doc) => {
    doc
      .getText('quill')
      .applyDelta([
        { insert: 'Title' },
        { insert: '\n', attributes: { header: 2 } },
        { insert: 'plain ' },
        { insert: 'bold', attributes: { bold: true } },
        { insert: ' and ' },
        { insert: 'link', attributes: { link: 'https://example.com', italic: true } },
        { insert: '\none' },
        { insert: '\n', attributes: { list: 'bullet' } },
        { insert: 'inner' },
        { insert: '\n', attributes: { list: 'ordered', indent: 1 } },
        { insert: 'done' },
        { insert: '\n', attributes: { list: 'checked' } },
        { insert: 'a < b' },
        { insert: '\n', attributes: { 'code-block': 'js' } },
        { insert: 'c' },
        { insert: '\n', attributes: { 'code-block': 'js' } },
        { insert: { image: 'https://example.com/i.png' } },
        { insert: { formula: 'x^2' } },
        { insert: '\n' },
      ])
  }

  test('is shown by its formats', () => {
    expect(write(stored(quill), 'html')).toBe(
      '<h2>Title</h2><p>plain <strong>bold</strong> and <a href="https://example.com"><em>link</em></a></p>' +
        '<ul><li><p>one</p><ol><li><p>inner</p></li></ol></li></ul>' +
        '<ul data-type="taskList"><li data-type="taskItem" data-checked="true"><p><input type="checkbox" disabled checked>done</p></li></ul>' +
        '<pre><code class="language-js">a &#x3C; b\nc</code></pre>' +
        '<p><img src="https://example.com/i.png" data-y-node="image"><span data-y-node="$embed" data-y-attrs="{&#x22;value&#x22;:{&#x22;formula&#x22;:&#x22;x^2&#x22;}}" data-y-leaf="">x^2</span></p>',
    )
    expect(write(stored(quill), 'text')).toBe(
      'Title\nplain bold and link\none\ninner\ndone\na < b\nc\nhttps://example.com/i.pngx^2\n',
    )
  })

  test('comes back from html and markdown as a text', () => {
    const html = write(stored(quill), 'html')
    const again = readContent('html', html, { root: 'quill', type: 'text' })
    expect(again.getText('quill').toDelta()).toEqual(stored(quill).getText('quill').toDelta())
    expect(write(again, 'html')).toBe(html)
    const markdown = readContent('markdown', '# a\n\n**b**', { type: 'text' })
    expect(markdown.getText('default').toDelta()).toEqual([
      { insert: 'a' },
      { insert: '\n', attributes: { header: 1 } },
      { insert: 'b', attributes: { bold: true } },
      { insert: '\n' },
    ])
  })
})

describe('prosemirror', () => {
  test('attributes without a value are left to the editor, as y-prosemirror does', () => {
    const doc = readContent(
      'prosemirror',
      '{"type":"doc","content":[{"type":"heading","attrs":{"level":1,"id":null,"ychange":{}}},{"type":"paragraph","content":[{"type":"text","text":"a"},{"type":"text","text":""},{"type":"text","text":"b"}]}]}',
    )
    expect(doc.getXmlFragment('default').toString()).toBe(
      '<heading level="1"></heading><paragraph>ab</paragraph>',
    )
    expect(doc.getXmlFragment('default').get(0).toString()).toBe('<heading level="1"></heading>')
  })
})

describe('unusual content', () => {
  const ODD = [
    '😀',
    '\ud83d',
    '\ude00x',
    'שלום',
    '\u0000',
    '\u202e',
    '\ufeff',
    '\r\n',
    '<![CDATA[',
    ']]>',
    '&#0;',
  ]

  test.each(ODD)('%j is written in every format', (odd) => {
    const doc = stored((doc) => {
      const p = new Y.XmlElement('paragraph')
      p.insert(0, [new Y.XmlText(`a${odd}b`)])
      doc.getXmlFragment('xml').insert(0, [p])
      doc.getText('text').insert(0, odd)
      doc.getMap('map').set(odd, odd)
    })
    for (const format of ['text', 'html', 'markdown', 'prosemirror', 'json'] as const) {
      const choice = format === 'json' ? {} : { root: 'xml' }
      const body = write(doc, format, choice)
      if (format !== 'json') expect(() => readContent(format, body)).not.toThrow()
      expect(body).toContain('b')
    }
    expect(write(doc, 'text', { root: 'text' })).toBe(
      stored((d) => d.getText('t').insert(0, odd))
        .getText('t')
        .toString(),
    )
  })

  test('content that is nested too deeply is refused and causes no crash', () => {
    expect(codeOf(() => readContent('html', '<blockquote>'.repeat(10_000)))).toMatch(
      /^invalid_content/,
    )
  })
})

describe('line ends of text that is read into a text root', () => {
  const text = 'one\r\ntwo\rthree\n\r\n'

  test('become \\n, so that editors and Yjs count the same characters', () => {
    const doc = readContent('text', text, { root: 'code', type: 'text' })
    expect(doc.getText('code').toString()).toBe('one\ntwo\nthree\n\n')
    const rich = {
      type: 'doc',
      content: [{ type: 'codeBlock', content: [{ type: 'text', text }] }],
    }
    const pasted = readContent('prosemirror', JSON.stringify(rich), { root: 'code', type: 'text' })
    expect(pasted.getText('code').toString()).not.toContain('\r')
  })

  test('stay unchanged with `lineEnds: keep`, and in json, which represents exactly what is stored', () => {
    const kept = readContent('text', text, { root: 'code', type: 'text', lineEnds: 'keep' })
    expect(kept.getText('code').toString()).toBe(text)
    expect(
      readContent('json', JSON.stringify({ code: text }))
        .getText('code')
        .toString(),
    ).toBe(text)
  })
})

describe('an update that is imported', () => {
  test('is refused with its own code if Yjs 14 wrote it, as v1 and as v2', () => {
    // `doc.get('t').insert(0, 'words')` by @y/y 14.0.0-rc.7.
    const v1 = Buffer.from('0101ebc596f090aa9b01000401017405776f72647300', 'hex')
    expect(codeOf(() => readContent('update', v1))).toMatch(/^unsupported_yjs: .*yjs 13/)
    const v2 = Y.convertUpdateFormatV1ToV2(v1)
    expect(codeOf(() => readContent('update-v2', v2))).toMatch(/^unsupported_yjs: /)
  })

  test('must be valid and whole', () => {
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    doc.getText('t').insert(0, 'a')
    doc.getText('t').insert(1, 'b')
    expect(codeOf(() => readContent('update', updates[1] as Uint8Array))).toMatch(
      /not a whole document: it waits for \d+:0/,
    )
    expect(codeOf(() => readContent('update', Uint8Array.of(1, 2)))).toMatch(/^invalid_content/)
    expect(codeOf(() => readContent('update-v2', updates[0] as Uint8Array))).toMatch(
      /^invalid_content/,
    )
    expect(codeOf(() => readContent('update', 'text'))).toMatch(/^invalid_content/)
    expect(codeOf(() => readContent('text', Uint8Array.of(0xff)))).toMatch(/UTF-8/)
    expect(codeOf(() => readContent('stats', '{}'))).toMatch(/^invalid_request/)
    expect(codeOf(() => readContent('html', 'x', { type: 'map' }))).toMatch(/^invalid_content/)
    expect(codeOf(() => readContent('prosemirror', '{"type":"doc","content":[{}]}'))).toBe(
      'invalid_content: doc.content[0]: a node must have a type',
    )
  })
})

/**
 * An object whose conversion to a string or a number throws. A document may contain such a value.
 */
const ODD = { toString: 1, valueOf: 1 }

const paragraph = (...content: Y.XmlText[]): Y.XmlElement => {
  const element = new Y.XmlElement('paragraph')
  element.insert(0, content)
  return element
}

const element = (name: string, attribute: string) => (doc: Y.Doc) => {
  const node = new Y.XmlElement(name)
  // Yjs stores any value, but its TypeScript types allow only a string.
  node.setAttribute(attribute, ODD as unknown as string)
  node.insert(0, [paragraph(new Y.XmlText('x'))])
  doc.getXmlFragment('r').insert(0, [node])
}

const marked = (mark: string, value: unknown) => (doc: Y.Doc) => {
  const text = new Y.XmlText()
  doc.getXmlFragment('r').insert(0, [paragraph(text)])
  text.insert(0, 'x', { [mark]: value })
}

const formatted = (name: string) => (doc: Y.Doc) =>
  doc.getText('r').applyDelta([{ insert: 'x\n', attributes: { [name]: ODD } }])

const lexical = (type: unknown, name: string) => (doc: Y.Doc) => {
  const block = new Y.XmlText()
  ;(doc.get('r', Y.XmlText) as Y.XmlText).insertEmbed(0, block)
  const set = (key: string, value: unknown) => block.setAttribute(key, value as string)
  set('__type', type)
  set(name, ODD)
  const run = new Y.Map<unknown>()
  block.insertEmbed(0, run)
  run.set('__type', ODD)
  block.insert(1, 'x')
}

describe('a document is written in every format, even with an odd value of', () => {
  test.each<[string, (doc: Y.Doc) => void]>([
    ...['level', 'start', 'colspan', 'rowspan', 'checked', 'src', 'language', 'textAlign'].flatMap(
      (name) =>
        ['heading', 'orderedList', 'taskItem', 'tableCell', 'image', 'codeBlock'].map(
          (node): [string, (doc: Y.Doc) => void] => [`${name} of ${node}`, element(node, name)],
        ),
    ),
    ['the address of a link', marked('link', { href: ODD })],
    ['the title of a link', marked('link', { href: 'a', title: ODD })],
    ['a mark', marked('bold', ODD)],
    ['a colour', marked('textStyle', { color: ODD })],
    ['the kind of a list', formatted('list')],
    ['an indent', formatted('indent')],
    ['a header', formatted('header')],
    [
      'an embed',
      (doc) => doc.getText('r').applyDelta([{ insert: { image: ODD } }, { insert: 'x' }]),
    ],
    ['the tag of a heading', lexical('heading', '__tag')],
    ['the kind of a list of Lexical', lexical('list', '__listType')],
    ['the address of a link of Lexical', lexical('link', '__url')],
    ['the type of a run', lexical('paragraph', '__format')],
  ])('%s', (_name, fill) => {
    for (const format of ['json', 'prosemirror', 'html', 'markdown', 'text'] as const) {
      expect(write(stored(fill), format, { root: 'r' })).toContain('x')
    }
  })
})
