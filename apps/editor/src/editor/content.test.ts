import { readContent, writeContent } from '@y-electric/documents'
import { expect, test } from 'vitest'
import { schemaWith } from './content.ts'

const text = (words: string, ...types: (string | object)[]) => ({
  type: 'text',
  text: words,
  marks: types.map((type) => (typeof type === 'string' ? { type } : type)),
})
const p = (...content: object[]) => ({ type: 'paragraph', content })
const cell = (type: string, words: string) => ({ type, content: [p(text(words))] })

/** Everything that the tools of this editor write. */
const WRITTEN = {
  type: 'doc',
  content: [
    { type: 'heading', attrs: { level: 2, textAlign: 'center' }, content: [text('Title')] },
    { ...p(text('Aligned')), attrs: { textAlign: 'right' } },
    p(
      text('a', 'bold'),
      text('b', 'italic'),
      text('c', 'underline'),
      text('d', 'strike'),
      text('e', 'highlight'),
      text('f', 'code'),
      text('g', { type: 'link', attrs: { href: 'https://example.org/' } }),
      { type: 'mention', attrs: { id: 'ada', label: 'Ada' } },
      text(' 🐙'),
    ),
    {
      type: 'taskList',
      content: [
        { type: 'taskItem', attrs: { checked: true }, content: [p(text('done'))] },
        { type: 'taskItem', attrs: { checked: false }, content: [p(text('open'))] },
      ],
    },
    { type: 'bulletList', content: [{ type: 'listItem', content: [p(text('point'))] }] },
    { type: 'orderedList', content: [{ type: 'listItem', content: [p(text('step'))] }] },
    { type: 'blockquote', content: [p(text('said'))] },
    { type: 'codeBlock', attrs: { language: 'js' }, content: [{ type: 'text', text: 'a = 1' }] },
    {
      type: 'table',
      content: [
        { type: 'tableRow', content: [cell('tableHeader', 'h'), cell('tableHeader', 'i')] },
        { type: 'tableRow', content: [cell('tableHeader', 'j'), cell('tableCell', 'k')] },
      ],
    },
    { type: 'image', attrs: { src: '/a.png', alt: 'A lamp', caption: 'Lit in 1882', width: 240 } },
    { type: 'horizontalRule' },
    p(text('end')),
  ],
}

const shown = (json: unknown) => schemaWith({}).nodeFromJSON(json).toJSON() as object

const before = () => readContent('prosemirror', JSON.stringify(WRITTEN))

test.each(['html', 'json', 'prosemirror'] as const)(
  'everything that the tools write comes back from %s, without a loss',
  (format) => {
    const root = { root: 'default', type: 'xml' } as const
    const written = writeContent(before(), format, root)
    expect(written.losses).toEqual([])
    const again = readContent(format, written.body, format === 'json' ? root : {})
    const back = writeContent(again, 'prosemirror', root)
    expect(shown(JSON.parse(String(back.body)))).toEqual(shown(WRITTEN))
  },
)

test('Markdown and text name everything of the tools that they cannot express', () => {
  const root = { root: 'default', type: 'xml' } as const
  const named = (format: 'markdown' | 'text') =>
    writeContent(before(), format, root).losses.map(({ kind, name }) => `${kind} ${name}`)
  const markdown = String(writeContent(before(), 'markdown', root).body)
  const back = writeContent(readContent('markdown', markdown), 'prosemirror', root)
  const isEqual =
    JSON.stringify(shown(JSON.parse(String(back.body)))) === JSON.stringify(shown(WRITTEN))
  expect(isEqual || named('markdown').length > 0).toBe(true)
  const plain = String(writeContent(before(), 'text', root).body)
  for (const word of [
    'Title',
    'Aligned',
    'done',
    'point',
    'step',
    'said',
    'a = 1',
    'k',
    'Lit',
    'end',
  ]) {
    expect(plain).toContain(word)
  }
})
