import { describe, expect, test } from 'vitest'
import { Losses } from '../losses.ts'
import type { PmNode } from '../prosemirror/nodes.ts'
import { htmlToProsemirror, prosemirrorToHtml } from './html.ts'

const doc = (...content: PmNode[]): PmNode => ({ type: 'doc', content })
const p = (...content: PmNode[]): PmNode => ({ type: 'paragraph', content })
const t = (text: string, ...marks: { type: string; attrs?: Record<string, string> }[]): PmNode =>
  marks.length > 0 ? { type: 'text', text, marks } : { type: 'text', text }

describe('imported HTML', () => {
  test.each<[string, string, PmNode]>([
    ['text without elements', 'hello', doc(p(t('hello')))],
    ['no content', '', doc({ type: 'paragraph' })],
    ['white space between blocks', '<p>a</p>\n  \n<p> b\n  c </p>', doc(p(t('a')), p(t('b c')))],
    [
      'space between marks',
      '<b>a </b> <i> b</i>',
      doc(p(t('a ', { type: 'bold' }), t('b', { type: 'italic' }))),
    ],
    [
      'grouping elements',
      '<div>a<section>b</section></div>c',
      doc(p(t('a')), p(t('b')), p(t('c'))),
    ],
    [
      'a whole page',
      '<!doctype html><html><head><title>no</title><style>p{}</style></head><body><p>yes</p></body></html>',
      doc(p(t('yes'))),
    ],
    [
      'blocks in marks',
      '<b><p>a</p><p>b</p></b>',
      doc(p(t('a', { type: 'bold' })), p(t('b', { type: 'bold' }))),
    ],
    ['a link without an address', '<a name="x">a</a>', doc(p(t('a')))],
    [
      'an image among text',
      '<p>a <img src="https://e.com/i.png"> b</p>',
      doc(p(t('a')), { type: 'image', attrs: { src: 'https://e.com/i.png' } }, p(t('b'))),
    ],
    [
      'text in a list',
      '<ul>a<li>b</li><ul><li>c</li></ul></ul>',
      doc({
        type: 'bulletList',
        content: [
          { type: 'listItem', content: [p(t('a'))] },
          { type: 'listItem', content: [p(t('b'))] },
          {
            type: 'listItem',
            content: [
              { type: 'paragraph' },
              { type: 'bulletList', content: [{ type: 'listItem', content: [p(t('c'))] }] },
            ],
          },
        ],
      }),
    ],
    [
      'a task list as TipTap writes it',
      '<ul data-type="taskList"><li data-checked="true" data-type="taskItem"><label><input type="checkbox" checked="checked"><span></span></label><div><p>a</p></div></li></ul>',
      doc({
        type: 'taskList',
        content: [{ type: 'taskItem', attrs: { checked: true }, content: [p(t('a'))] }],
      }),
    ],
    [
      'a table with a caption, a head and invalid spans',
      '<table><caption>c</caption><colgroup><col></colgroup><thead><tr><th>h</th></tr></thead><tbody><tr><td colspan="9999" rowspan="x">d</td></tr></tbody></table>',
      doc(p(t('c')), {
        type: 'table',
        content: [
          {
            type: 'tableRow',
            content: [
              { type: 'tableHeader', attrs: { colspan: 1, rowspan: 1 }, content: [p(t('h'))] },
            ],
          },
          {
            type: 'tableRow',
            content: [
              { type: 'tableCell', attrs: { colspan: 1000, rowspan: 1 }, content: [p(t('d'))] },
            ],
          },
        ],
      }),
    ],
    [
      'code',
      '<pre><code class="hljs language-c++">a\n b</code></pre>',
      doc({ type: 'codeBlock', attrs: { language: 'c++' }, content: [t('a\n b')] }),
    ],
  ])('with %s is read as a document', (_name, html, expected) => {
    expect(htmlToProsemirror(html)).toEqual(expected)
  })
})

describe('content that could run', () => {
  const HOSTILE = [
    '<script>alert(1)</script>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" jAvAsCrIpT:alert(1)">x</a>',
    '<a href="data:text/html,<script>1</script>">x</a>',
    '<img src=x onerror=alert(1)>',
    '<img src="javascript:alert(1)">',
    '<p style="background:url(javascript:1)" onclick="alert(1)">x</p>',
    '<iframe src="https://e.com"></iframe>',
    '<svg><script>alert(1)</script></svg>',
    '<span data-y-mark="link" data-y-attrs=\'{"href":"javascript:alert(1)"}\'>x</span>',
    '<a href="https://e.com" data-y-attrs=\'{"href":"javascript:alert(1)"}\'>x</a>',
    '<div data-y-node="image" data-y-attrs=\'{"src":"javascript:alert(1)"}\'></div>',
  ]

  test.each(HOSTILE)('%s is neither imported nor exported', (html) => {
    const once = htmlToProsemirror(html)
    expect(JSON.stringify(once)).not.toMatch(/alert|javascript/i)
    expect(prosemirrorToHtml(once)).not.toMatch(/alert|javascript|onerror|<script|<iframe|<svg/i)
  })

  test('is not exported from a document that contains it', () => {
    const html = prosemirrorToHtml(
      doc(
        p(t('x', { type: 'link', attrs: { href: 'javascript:alert(1)' } })),
        { type: 'image', attrs: { src: 'javascript:alert(1)', onerror: 'alert(1)' } },
        { type: 'script', content: [t('alert(1)')] },
        { type: 'own"><script>', attrs: { a: '"><script>' } },
        { type: 'heading', attrs: { level: '1><script' }, content: [t('h')] },
      ),
    )
    expect(html).toBe(
      '<p><a>x</a></p>' +
        '<img data-y-attrs="{&#x22;onerror&#x22;:&#x22;alert(1)&#x22;}">' +
        '<div data-y-node="script">alert(1)</div>' +
        '<div data-y-node="own&#x22;><script>" data-y-attrs="{&#x22;a&#x22;:&#x22;\\&#x22;><script>&#x22;}" data-y-leaf="">">&#x3C;script></div>' +
        '<h1 data-y-attrs="{&#x22;level&#x22;:&#x22;1><script&#x22;}">h</h1>',
    )
  })
})

describe('marks', () => {
  test('are nested in one order, whatever the order in which they were set', () => {
    const link = { type: 'link', attrs: { href: 'https://e.com' } }
    const html = prosemirrorToHtml(
      doc(
        p(
          t('a', { type: 'bold' }, link),
          t('b', link, { type: 'code' }, { type: 'own' }),
          t('c', link),
        ),
      ),
    )
    expect(html).toBe(
      '<p><a href="https://e.com"><strong>a</strong><span data-y-mark="own"><code>b</code></span>c</a></p>',
    )
  })
})

describe('node and mark names of other schemas', () => {
  test('come back after export and import', () => {
    const basic = doc(
      {
        type: 'bullet_list',
        content: [{ type: 'list_item', content: [p(t('a', { type: 'strong' }))] }],
      },
      p(t('b', { type: 'em' }), { type: 'hard_break' }, t('c')),
    )
    const html = prosemirrorToHtml(basic)
    expect(html).toContain('<strong data-y-mark="strong">a</strong>')
    expect(htmlToProsemirror(html)).toEqual(basic)
  })
})

describe('marks on nodes other than text', () => {
  const link = { type: 'link', attrs: { href: 'https://l.example/' } }
  const image: PmNode = { type: 'image', attrs: { src: 'https://i.example/z.png' } }

  test('are imported: a link around an image becomes a link mark of the image', () => {
    expect(
      htmlToProsemirror(
        '<p><a href="https://l.example/"><img src="https://i.example/z.png"></a></p>',
      ),
    ).toEqual(doc({ ...image, marks: [link] }))
  })

  test.each<[string, PmNode]>([
    ['a picture that is a block', { ...image, marks: [link] }],
    ['a picture among text', p(t('a'), { ...image, marks: [link, { type: 'own' }] })],
    ['a mention', p({ type: 'mention', attrs: { id: 'u1' }, marks: [{ type: 'bold' }] })],
    ['a break', p(t('a'), { type: 'hardBreak', marks: [{ type: 'bold' }] }, t('b'))],
    ['a paragraph', { ...p(t('x')), marks: [{ type: 'insertion', attrs: { id: 7 } }] }],
    [
      'a block of an unknown type',
      { type: 'own', content: [p(t('x'))], marks: [{ type: 'own2' }] },
    ],
  ])('of %s come back after export and import', (_name, node) => {
    const html = prosemirrorToHtml(doc(node))
    expect(htmlToProsemirror(html)).toEqual(doc(node))
  })
})

describe('text formats of HTML', () => {
  test.each<[string, string, PmNode]>([
    [
      'alignment',
      '<p style="text-align: center">a</p>',
      { type: 'paragraph', attrs: { textAlign: 'center' }, content: [t('a')] },
    ],
    [
      'colours and fonts',
      '<p><span style="color: rgb(255, 0, 0); font-family: Inter, serif; position: fixed">a</span></p>',
      p(
        t('a', {
          type: 'textStyle',
          attrs: { color: 'rgb(255, 0, 0)', fontFamily: 'Inter, serif' },
        }),
      ),
    ],
    [
      'weights of an office program',
      '<p><span style="font-weight:700;font-style:italic;text-decoration:underline">a</span></p>',
      p(t('a', { type: 'bold' }, { type: 'italic' }, { type: 'underline' })),
    ],
    [
      'a highlight',
      '<p><mark style="background-color: #ffc078">a</mark></p>',
      p(t('a', { type: 'highlight', attrs: { color: '#ffc078' } })),
    ],
    [
      "TipTap's mention",
      '<p><span data-type="mention" data-id="u1" data-label="Ada">@Ada</span></p>',
      p({ type: 'mention', attrs: { id: 'u1', label: 'Ada' } }),
    ],
    [
      'a video',
      '<video controls title="T"><source src="https://v.example/1.mp4"></video>',
      { type: 'video', attrs: { src: 'https://v.example/1.mp4', title: 'T' } },
    ],
    [
      'a frame, which no browser opens again',
      '<iframe src="https://e.example/" width="400"></iframe>',
      { type: 'iframe', attrs: { src: 'https://e.example/', width: 400 } },
    ],
    [
      'an ordered list with boxes',
      '<ol><li><input type="checkbox" checked> a</li><li>b</li></ol>',
      {
        type: 'orderedList',
        attrs: { start: 1 },
        content: [
          { type: 'listItem', attrs: { checked: true }, content: [p(t('a'))] },
          { type: 'listItem', content: [p(t('b'))] },
        ],
      },
    ],
    [
      'an address with an unknown scheme',
      '<p><a href="obsidian://open?x">a</a></p>',
      p(t('a', { type: 'link', attrs: { href: 'obsidian://open?x' } })),
    ],
  ])('%s is imported and exported again', (_name, html, node) => {
    const losses = new Losses()
    const once = htmlToProsemirror(html, losses)
    expect(once).toEqual(doc(node))
    expect(losses.list().filter(({ name }) => !/style\.position/.test(name))).toEqual([])
    expect(htmlToProsemirror(prosemirrorToHtml(once))).toEqual(once)
  })

  test('an address that no browser may follow is never written to href', () => {
    const html = prosemirrorToHtml(
      doc(p(t('a', { type: 'link', attrs: { href: 'obsidian://open?x' } }))),
    )
    expect(html).not.toContain(' href=')
    expect(html).toContain('obsidian://open?x')
  })

  test('a stored address does not override the visible one', () => {
    const html =
      '<p><a href="https://shown.example" data-y-attrs=\'{"href":"https://other.example"}\'>a</a></p>'
    expect(JSON.stringify(htmlToProsemirror(html))).not.toContain('other.example')
  })
})
