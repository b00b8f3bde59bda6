import { expect, test } from 'vitest'
import { Losses } from '../losses.ts'
import { markdownToProsemirror } from '../markdown/read.ts'
import { prosemirrorToMarkdown } from '../markdown/write.ts'
import type { PmNode } from '../prosemirror/nodes.ts'
import { prosemirrorToText } from '../prosemirror/text.ts'
import { countUnsaidByText } from '../prosemirror/text-losses.ts'
import { htmlToProsemirror, prosemirrorToHtml } from './html.ts'

const doc = (...content: PmNode[]): PmNode => ({ type: 'doc', content })
const t = (text: string): PmNode => ({ type: 'text', text })
const p = (text: string): PmNode => ({ type: 'paragraph', content: [t(text)] })
const picture = (caption: string, more: object = {}): PmNode => ({
  type: 'image',
  attrs: { src: '/lamp.png', alt: 'A lamp', caption },
  ...more,
})

const link = { marks: [{ type: 'link', attrs: { href: '/l' } }] }

test('a caption is below its picture in exported HTML', () => {
  expect(prosemirrorToHtml(doc(picture('Lit in 1882')))).toBe(
    '<figure data-y-node="image"><img src="/lamp.png" alt="A lamp"><figcaption>Lit in 1882</figcaption></figure>',
  )
})

test.each<[string, PmNode]>([
  ['plain words', picture('Lit in 1882')],
  ['markup as words', picture('<b>5 < 6 & 7</b> [x](y) `|`')],
  ['spaces', picture('  Lit   in 1882 ')],
  ['only spaces', picture('  ')],
  ['line ends', picture('Lit\n\nin\r1882')],
  ['a space that does not break', picture('\u00a0Lit\u00a0')],
  ['a character that HTML cannot express', picture('Lit\u0000')],
  ['no words', picture('')],
  ['words below a picture that is a link', picture('Lit', link)],
  ['words without an address', { type: 'image', attrs: { caption: 'Lit' } }],
  ['words inside a line of text', { type: 'paragraph', content: [t('a'), picture('Lit')] }],
])('a caption of %s comes back from HTML and from Markdown', (_name, node) => {
  const losses = new Losses()
  const whole = doc(node, p('after'))
  expect(htmlToProsemirror(prosemirrorToHtml(whole, losses), losses)).toEqual(whole)
  expect(markdownToProsemirror(prosemirrorToMarkdown(whole, losses), losses)).toEqual(whole)
  expect(losses.list()).toEqual([])
})

test('a caption is in the plain text of its picture, and is no loss there', () => {
  const losses = new Losses()
  const whole = doc(picture('Lit in 1882'))
  countUnsaidByText(whole, losses)
  expect(prosemirrorToText(whole)).toBe('A lamp – Lit in 1882')
  expect(losses.list().map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'structure image',
    'attribute image.src',
  ])
})

test.each([
  '<figure><img src="/i.png"><figcaption>A lamp</figcaption></figure>',
  '<figure data-y-node="image"><img src="/i.png"><figcaption>A <b>lamp</b></figcaption></figure>',
  '<figure data-y-node="image"><img src="/i.png"><img src="/j.png"><figcaption>A lamp</figcaption></figure>',
  '<figure data-y-node="image"><p>x</p><figcaption>A lamp</figcaption></figure>',
  '<figure data-y-node="image"><img src="/i.png"><figcaption>A lamp</figcaption>words</figure>',
])(
  'the words of %j are a paragraph, as for any editor, and the figure is named as a loss',
  (html) => {
    const losses = new Losses()
    const { content = [] } = htmlToProsemirror(html, losses)
    expect(losses.list().map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'node figure',
      'node figcaption',
    ])
    const texts = content
      .filter(({ type }) => type === 'paragraph')
      .map((one) => prosemirrorToText(one))
    expect(texts).toContain('A lamp')
  },
)

test('the attributes of a figure are named as losses', () => {
  const losses = new Losses()
  htmlToProsemirror(
    prosemirrorToHtml(doc(picture('Lit'))).replace('<figure', '<figure class="x"'),
    losses,
  )
  expect(losses.list().map(({ name }) => name)).toEqual(['figure.className'])
})
