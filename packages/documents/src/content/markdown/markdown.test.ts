import { describe, expect, test } from 'vitest'
import { Losses } from '../losses.ts'
import type { PmNode } from '../prosemirror/nodes.ts'
import { markdownToProsemirror } from './read.ts'
import { prosemirrorToMarkdown } from './write.ts'

type Marks = readonly { type: string; attrs?: Record<string, string | null> }[]
const doc = (...content: PmNode[]): PmNode => ({ type: 'doc', content })
const n = (type: string, ...content: PmNode[]): PmNode =>
  content.length > 0 ? { type, content } : { type }
const t = (text: string, ...marks: Marks): PmNode =>
  marks.length > 0 ? { type: 'text', text, marks } : { type: 'text', text }
const p = (...content: PmNode[]): PmNode => n('paragraph', ...content)

/** Exports a document and imports it again, without the defaults that the reader fills in. */
function again(whole: PmNode): { markdown: string; back: PmNode; losses: string[] } {
  const losses = new Losses()
  const markdown = prosemirrorToMarkdown(whole, losses)
  const back = JSON.parse(
    JSON.stringify(markdownToProsemirror(markdown, losses), (key, value: unknown) =>
      key === 'attrs' ? withoutDefaults(value as Record<string, unknown>) : value,
    ),
  ) as PmNode
  return { markdown, back, losses: losses.list().map(({ kind, name }) => `${kind} ${name}`) }
}

function withoutDefaults(attrs: Record<string, unknown>): object | undefined {
  const said = Object.entries(attrs).filter(
    ([name, value]) => value !== 1 || !['colspan', 'rowspan', 'start'].includes(name),
  )
  return said.length > 0 ? Object.fromEntries(said) : undefined
}

describe('a table', () => {
  const table = (...cell: PmNode[]) =>
    n(
      'table',
      n('tableRow', n('tableHeader', p(t('H1'))), n('tableHeader', p(t('H2')))),
      n('tableRow', n('tableCell', ...cell), n('tableCell', p(t('right')))),
    )
  const item = (text: string) => n('listItem', p(t(text)))

  test.each<[string, PmNode[], 'signs' | 'html']>([
    ['a word', [p(t('a'))], 'signs'],
    ['a pipe', [p(t('a | b'), t('c|d', { type: 'code' }))], 'signs'],
    ['a break', [p(t('a'), n('hardBreak'), t('b'))], 'signs'],
    ['a picture', [n('image')].map((one) => ({ ...one, attrs: { src: '/a.png' } })), 'html'],
    ['two paragraphs', [p(t('a')), p(t('b'))], 'html'],
    ['a code block', [n('codeBlock', t('a = 1\n\nb = 2'))], 'html'],
    ['a list', [n('bulletList', item('a'), item('b'))], 'html'],
    [
      'a task list',
      [n('taskList', { ...n('taskItem', p(t('k'))), attrs: { checked: true } })],
      'html',
    ],
    ['a quote', [n('blockquote', p(t('a')), p(t('b')))], 'html'],
    ['a heading', [{ ...n('heading', t('h')), attrs: { level: 2 } }], 'html'],
    ['a rule', [p(t('u')), n('horizontalRule')], 'html'],
    ['a table', [n('table', n('tableRow', n('tableCell', p(t('in')))))], 'html'],
    ['nothing', [p()], 'signs'],
  ])(
    'is still one table after Markdown with %s in a cell, and the next block is unchanged',
    (_name, cell, form) => {
      const whole = doc(table(...cell), p(t('after')))
      const { markdown, back, losses } = again(whole)
      expect(back).toEqual(whole)
      expect(losses).toEqual([])
      expect(markdown.startsWith('<table>')).toBe(form === 'html')
    },
  )

  test.each<[string, PmNode]>([
    [
      'columns that are aligned',
      n(
        'table',
        n('tableRow', { type: 'tableHeader', attrs: { align: 'right' }, content: [p(t('a'))] }),
        n('tableRow', { type: 'tableCell', attrs: { align: 'right' }, content: [p(t('b'))] }),
      ),
    ],
    [
      'cells that are aligned one by one',
      n(
        'table',
        n('tableRow', n('tableHeader', p(t('a')))),
        n('tableRow', { type: 'tableCell', attrs: { align: 'right' }, content: [p(t('b'))] }),
      ),
    ],
    [
      'a header column',
      n('table', n('tableRow', n('tableHeader', p(t('a'))), n('tableCell', p()))),
    ],
    [
      'a wide cell',
      n('table', n('tableRow', { type: 'tableCell', attrs: { colspan: 2 }, content: [p(t('a'))] })),
    ],
  ])('with %s comes back', (_name, one) => {
    expect(again(doc(one)).back).toEqual(doc(one))
  })

  test('has Markdown syntax for the alignment of its columns', () => {
    const markdown = '| a | b | c |\n| :- | :-: | -: |\n| 1 | 2 | 3 |\n'
    const whole = markdownToProsemirror(markdown)
    expect(prosemirrorToMarkdown(whole)).toMatch(/\| :-+ \| :-+: \| -+: \|/)
  })

  test('stays in its list, whatever its cells contain', () => {
    const whole = doc(
      n('bulletList', n('listItem', p(t('a')), table(p(t('x')), p(t('y')))), item('b')),
    )
    expect(again(whole).back).toEqual(whole)
  })
})

describe('content without Markdown syntax', () => {
  test.each<[string, PmNode]>([
    ['an empty paragraph', p()],
    ['alignment', { ...p(t('a')), attrs: { textAlign: 'center' } }],
    ['a comment', p(t('a '), t('b', { type: 'comment', attrs: { id: 'c3' } }))],
    ['a colour', p(t('a', { type: 'textStyle', attrs: { color: 'red' } }))],
    [
      'superscript and subscript',
      p(t('x'), t('2', { type: 'superscript' }), t('i', { type: 'subscript' })),
    ],
    ['underlined text', p(t('u', { type: 'underline' }))],
    ['a mention', p(t('hi '), { type: 'mention', attrs: { id: 'u1', label: '*Ada*\n\n- x' } })],
    ['a formula', p(t('a '), { type: 'inlineMath', attrs: { latex: 'E=mc^2 `|` $' } }, t(' b'))],
    ['a video', { type: 'youtube', attrs: { src: 'https://v.example/1' } }],
    [
      'a block around blocks',
      {
        type: 'callout',
        attrs: { kind: '"x"' },
        content: [p(t('a')), n('bulletList', n('listItem', p(t('b'))))],
      },
    ],
    ['a footnote with blocks', p(t('a'), n('footnote', p(t('x')), p(t('y'))), t('b'))],
    ['a picture among text', p(t('a'), { type: 'image', attrs: { src: '/i.png' } })],
    [
      'a picture that is a link',
      {
        type: 'image',
        attrs: { src: '/i.png', alt: 'i' },
        marks: [{ type: 'link', attrs: { href: '/l' } }],
      },
    ],
    ['a mention in code', n('codeBlock', t('a '), { type: 'mention', attrs: { id: 'u5' } })],
    ['a line end in a text', p(t('a\nb\n\nc'))],
    ['spaces', p(t('  a  b\t '))],
    [
      'a link with another target',
      p(t('a', { type: 'link', attrs: { href: '/x', target: '_self' } })),
    ],
  ])('%s comes back', (_name, node) => {
    const { back, losses } = again(doc(node, p(t('after'))))
    expect(back).toEqual(doc(node, p(t('after'))))
    expect(losses).toEqual([])
  })

  test('the loss of link attributes is reported although an editor fills them in again', () => {
    const attrs = {
      href: 'https://e.example',
      target: '_blank',
      rel: 'noopener noreferrer nofollow',
    }
    const { markdown, losses } = again(doc(p(t('a', { type: 'link', attrs }))))
    expect(markdown).toBe('[a](https://e.example)\n')
    expect(losses).toEqual(['attribute link.target', 'attribute link.rel'])
  })

  test('the loss of node names is reported, because other schemas use other names for the same node', () => {
    const { markdown, losses } = again(
      doc(n('bullet_list', n('list_item', p(t('a', { type: 'strong' }))))),
    )
    expect(markdown).toBe('* **a**\n')
    expect(losses).toEqual(['structure bullet_list', 'structure list_item', 'structure strong'])
  })
})

describe('Markdown content', () => {
  test.each<[string, string]>([
    ['front matter', '---\ntitle: A "b"\ntags: [x]\n---\n\n# Heading\n'],
    ['an ordered list with boxes', '1. [x] a\n2. [ ] b\n'],
    ['a list in which some items have a box', '* [x] a\n* b\n'],
    ['a task list', '* [x] a\n* [ ] b\n'],
    ['a badge', '[![build](https://i.example/b.svg)](https://ci.example/run)\n'],
    ['an address with a capital scheme', '[go](Https://a.example/x)\n'],
    ['text after the name of a language', '```js title="a b"\nx\n```\n'],
    ['a rule under a heading', '## a\n\n***\n'],
    ['HTML between text', 'a <u>b</u> c<sub>2</sub>\n'],
    [
      'an address that is not percent-encoded',
      '[a](https://e.example/ü_\\(x\\) "t")\n'.replaceAll('\\\\', ''),
    ],
  ])('%s comes back as it was written', (_name, markdown) => {
    const losses = new Losses()
    const whole = markdownToProsemirror(markdown, losses)
    expect(losses.list()).toEqual([])
    const out = prosemirrorToMarkdown(whole)
    expect(markdownToProsemirror(out)).toEqual(whole)
    if (!markdown.includes('ü')) expect(out).toBe(markdown)
  })

  test('front matter is an attribute of the document', () => {
    expect(markdownToProsemirror('---\na: 1\n---\n\nb').attrs).toEqual({ frontmatter: 'a: 1' })
  })

  test('is counted as lost if no reader shows it', () => {
    const losses = new Losses()
    markdownToProsemirror('[a]: /x\n\n[^n]: note\n\n| a |\n| - |\n| b | c |\n\n<!-- x -->', losses)
    expect(losses.list().map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'text tableCell',
      'node definition',
      'node footnoteDefinition',
      'node comment',
    ])
  })
})
