// Random documents of every schema, exported to every format and imported again: equal, or with the named losses.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDeep } from '../../../../test/harness/deep.ts'
import type { Format } from './formats.ts'
import { htmlToProsemirror } from './html/html.ts'
import { Losses } from './losses.ts'
import { markdownToProsemirror } from './markdown/read.ts'
import type { PmNode } from './prosemirror/nodes.ts'
import { readContent } from './read.ts'
import { anyHtml } from './testing/any-html.ts'
import { anyMarkdown } from './testing/any-markdown.ts'
import { normal } from './testing/normal.ts'
import { SCHEMAS } from './testing/schemas/index.ts'
import { type ContentFormat, writeContent } from './write.ts'

/** Reading Markdown costs ten times as much as reading HTML. */
const RUNS = { html: 10, markdown: 4, prosemirror: 10, json: 10 } as const
/** Deep runs try this many times as many documents. */
const DEEP = 96

/** The document after export and import, and the losses that the format reported. */
function through(doc: PmNode, format: ContentFormat & Format) {
  const losses = new Losses()
  const before = readContent('prosemirror', JSON.stringify(doc), {}, losses)
  const written = writeContent(before, format, { root: 'default', type: 'xml' })
  const choice = format === 'json' ? { root: 'default', type: 'xml' as const } : {}
  const again = readContent(format, written.body, choice, losses)
  const back = writeContent(again, 'prosemirror', { root: 'default', type: 'xml' })
  const all = [...losses.list(), ...written.losses, ...back.losses]
  return { body: String(written.body), losses: all, back: JSON.parse(String(back.body)) as PmNode }
}

describe.each(Object.entries(SCHEMAS))('a document of %s', (_name, documents) => {
  test.each(['html', 'markdown', 'prosemirror', 'json'] as const)(
    'comes back from %s equal, except for the named losses',
    (format) => {
      fc.assert(
        fc.property(documents, (doc) => {
          const { losses, back, body } = through(doc, format)
          expect(losses.some(({ kind }) => kind === 'more')).toBe(false)
          try {
            expect(normal(back, losses)).toEqual(normal(doc, losses))
          } catch (error) {
            ;(error as Error).message += `\nlosses: ${JSON.stringify(losses)}\n${body}`
            throw error
          }
        }),
        { numRuns: RUNS[format] * (isDeep ? DEEP : 1) },
      )
    },
  )
})

const FILES = {
  HTML: anyHtml.map((html) => htmlToProsemirror(html)),
  Markdown: anyMarkdown.map((markdown) => markdownToProsemirror(markdown)),
} as const

test.each([
  ['HTML', 'html'],
  ['HTML', 'markdown'],
  ['Markdown', 'html'],
  ['Markdown', 'markdown'],
] as const)(
  'a document made from any %s comes back from %s equal, except for the named losses',
  (file, format) => {
    fc.assert(
      fc.property(FILES[file], (doc) => {
        const { losses, back } = through(doc, format)
        expect(normal(back, losses)).toEqual(normal(doc, losses))
      }),
      { numRuns: RUNS[format] * (isDeep ? DEEP : 1) },
    )
  },
)

test.each(['doc', 'blockquote', 'list_item'])(
  'paragraphs with nothing but an image that Markdown cannot express stay apart in a %s',
  (around) => {
    const image = { type: 'image', attrs: { src: 'data:image/png;base64,AA' } }
    const content: PmNode[] = [1, 2].map(() => ({ type: 'paragraph', content: [image] }))
    const blocks = {
      doc: content,
      blockquote: [{ type: 'blockquote', content }],
      list_item: [{ type: 'ordered_list', content: [{ type: 'list_item', content }] }],
    }[around]
    const doc: PmNode = { type: 'doc', content: blocks ?? [] }
    const { back, losses } = through(doc, 'markdown')
    expect(normal(back, losses)).toEqual(normal(doc, losses))
  },
)
