import { describe, expect, test } from 'vitest'
import { Losses } from '../losses.ts'
import type { PmNode } from '../prosemirror/nodes.ts'
import { htmlToProsemirror, prosemirrorToHtml } from './html.ts'

const doc = (...content: PmNode[]): PmNode => ({ type: 'doc', content })
const p = (...content: PmNode[]): PmNode => ({ type: 'paragraph', content })
const t = (text: string, ...marks: { type: string; attrs?: Record<string, string> }[]): PmNode =>
  marks.length > 0 ? { type: 'text', text, marks } : { type: 'text', text }

describe('losses', () => {
  const lossesOf = (html: string) => {
    const losses = new Losses()
    htmlToProsemirror(html, losses)
    return losses.list().map(({ kind, name, count }) => `${count} ${kind} ${name}`)
  }

  test.each<[string, string[]]>([
    ['<p>plain <b>bold</b></p>', []],
    ['<p><a href="java\tscript:alert(1)">x</a></p>', ['1 address a.href']],
    ['<img src="javascript:alert(1)" alt="pic">', ['1 address img.src']],
    ['<svg><g></g></svg><object><p>x</p></object>', ['1 node svg', '1 node object']],
    ['<details><summary>s</summary>t</details>', ['1 node details', '1 node summary']],
    [
      '<p id="a" class="b" onclick="x">y</p>',
      ['1 attribute p.id', '1 attribute p.className', '1 attribute p.onClick'],
    ],
    ['<p style="margin: 0; text-align: left">y</p>', ['1 attribute p.style.margin']],
    ['<!-- note --><p>x</p>', ['1 node comment']],
    [
      '<div data-y-node="own" data-y-attrs=\'{"go":"javascript:1","deep":[{"to":"javascript:1"}]}\'></div>',
      ['1 address own.go', '1 address own.deep'],
    ],
  ])('of %j are named', (html, expected) => {
    expect(lossesOf(html)).toEqual(expected)
  })

  test('are named when a document is exported, and its text and alt text are kept', () => {
    const losses = new Losses()
    const html = prosemirrorToHtml(
      doc(p(t('go', { type: 'link', attrs: { href: 'JavaScript:alert(1)' } }), t('\u0000')), {
        type: 'image',
        attrs: { src: 'javascript:alert(1)', alt: 'pic' },
      }),
      losses,
    )
    expect(html).toBe('<p><a>go</a>\ufffd</p><img alt="pic">')
    expect(losses.list()).toEqual([
      { kind: 'address', name: 'link.href', count: 1 },
      { kind: 'text', name: 'U+0000', count: 1 },
      { kind: 'address', name: 'image.src', count: 1 },
    ])
  })
})
