// No input runs as a script, whether it is HTML, Markdown or a document.

import fc from 'fast-check'
import type { Element, Root } from 'hast'
import { fromHtml } from 'hast-util-from-html'
import { expect, test } from 'vitest'
import { isDeep } from '../../../../../test/harness/deep.ts'
import { markdownToProsemirror } from '../markdown/read.ts'
import { prosemirrorToMarkdown } from '../markdown/write.ts'
import type { PmNode } from '../prosemirror/nodes.ts'
import { anyHtml } from '../testing/any-html.ts'
import { SCHEMAS } from '../testing/schemas/index.ts'
import { htmlToProsemirror, prosemirrorToHtml } from './html.ts'

const runs = isDeep ? 3_000 : 30

const HARMFUL =
  /^(script|iframe|object|embed|svg|math|style|link|meta|base|form|template|frame|noscript)$/
const ADDRESSES = ['href', 'src', 'poster', 'action', 'formAction', 'data', 'xLinkHref', 'srcDoc']

/** The parts that a browser would run or load as a document, found by parsing as a browser does. */
function harmIn(html: string): string[] {
  const found: string[] = []
  const visit = (node: Root | Element) => {
    for (const child of node.children) {
      if (child.type !== 'element') continue
      if (HARMFUL.test(child.tagName)) found.push(`<${child.tagName}>`)
      for (const [name, value] of Object.entries(child.properties)) {
        if (/^on/i.test(name)) found.push(name)
        if (name === 'style' && /url|expression|import|@|\\/i.test(String(value)))
          found.push(`style: ${value}`)
        if (!ADDRESSES.includes(name)) continue
        const { protocol, href } = new URL(String(value), 'https://base.example/')
        const isPicture = child.tagName !== 'a' && /^(data|blob):/.test(href)
        if (!/^(https?|mailto|tel|sms|ftp|ircs?|xmpp):$/.test(protocol) && !isPicture) {
          found.push(`${name}: ${String(value)}`)
        }
      }
      visit(child)
    }
  }
  visit(fromHtml(html, { fragment: true }))
  return found
}

const WORDS = /^(text|label|title|alt|name|caption|latex|formula|language|frontmatter)$/

/** Every attribute value, at any depth, that would run if an editor used it as an address. */
function runningValues({ attrs, marks = [], content = [] }: PmNode): string[] {
  const found: string[] = []
  JSON.stringify([attrs, marks.map((mark) => mark.attrs)], (key, value: unknown) => {
    if (typeof value !== 'string' || WORDS.test(key)) return value
    const { protocol } = URL.canParse(value) ? new URL(value) : { protocol: '' }
    if (/^(java|vb)script:$/.test(protocol)) found.push(value)
    return value
  })
  return [...found, ...content.flatMap(runningValues)]
}

test('the checks find everything that runs', () => {
  const link = { type: 'link', attrs: { href: 'java\tscript:1', deep: [{ to: 'VBScript:1' }] } }
  const image = { type: 'image', attrs: { src: 'javascript:2' }, marks: [link] }
  expect(runningValues({ type: 'doc', content: [image] })).toHaveLength(3)
  expect(
    harmIn(
      '<a href="java\tscript:1" onclick=x>a</a><iframe></iframe><p style="background:url(x)">',
    ),
  ).toEqual(['href: java\tscript:1', 'onClick', '<iframe>', 'style: background:url(x)'])
})

test('imported HTML never runs when it is exported again, and neither does any address of the document', () => {
  fc.assert(
    fc.property(anyHtml, (html) => {
      for (const doc of [htmlToProsemirror(html), markdownToProsemirror(html)]) {
        expect(runningValues(doc)).toEqual([])
        expect(harmIn(prosemirrorToHtml(doc))).toEqual([])
      }
    }),
    { numRuns: runs },
  )
})

test('no document runs when it is exported as HTML, or as Markdown and then as HTML', () => {
  fc.assert(
    fc.property(fc.oneof(...Object.values(SCHEMAS)), (doc) => {
      expect(harmIn(prosemirrorToHtml(doc))).toEqual([])
      const again = markdownToProsemirror(prosemirrorToMarkdown(doc))
      expect(runningValues(again)).toEqual([])
      expect(harmIn(prosemirrorToHtml(again))).toEqual([])
    }),
    { numRuns: isDeep ? 2_000 : 30 },
  )
})
