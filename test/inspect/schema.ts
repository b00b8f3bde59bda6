// TipTap's own schema, and a document with everything that a real editor can write.
import { getSchema, Mark, Node } from '@tiptap/core'
import Image from '@tiptap/extension-image'
import { TaskItem, TaskList } from '@tiptap/extension-list'
import type { Node as PmNode } from '@tiptap/pm/model'
import StarterKit from '@tiptap/starter-kit'
import { prosemirrorToYDoc } from '@tiptap/y-tiptap'
import type * as Y from 'yjs'

const cell = (name: string, tag: string) =>
  Node.create({
    name,
    content: 'block+',
    addAttributes: () => ({
      colspan: { default: 1 },
      rowspan: { default: 1 },
      colwidth: { default: null },
    }),
    parseHTML: () => [{ tag }],
    renderHTML: () => [tag, 0],
  })

/** A mark that may overlap others of its kind, like comments. */
const comment = Mark.create({
  name: 'comment',
  excludes: '',
  addAttributes: () => ({ id: { default: null } }),
  renderHTML: () => ['span', 0],
})

/** Custom nodes, which no standard defines: a block with blocks, a block with text, an inline leaf. */
const own = [
  Node.create({
    name: 'callout',
    group: 'block',
    content: 'block+',
    addAttributes: () => ({ kind: { default: 'info' }, nested: { default: null } }),
    renderHTML: () => ['aside', 0],
  }),
  Node.create({
    name: 'caption',
    group: 'block',
    content: 'inline*',
    renderHTML: () => ['figcaption', 0],
  }),
  Node.create({
    name: 'mention',
    group: 'inline',
    inline: true,
    atom: true,
    addAttributes: () => ({ id: { default: null }, label: { default: null } }),
    renderHTML: () => ['span'],
  }),
]

export const schema = getSchema([
  StarterKit.configure({ undoRedo: false }),
  Image,
  TaskList,
  TaskItem.configure({ nested: true }),
  Node.create({
    name: 'table',
    group: 'block',
    content: 'tableRow+',
    parseHTML: () => [{ tag: 'table' }],
    renderHTML: () => ['table', 0],
  }),
  Node.create({
    name: 'tableRow',
    content: '(tableCell | tableHeader)*',
    parseHTML: () => [{ tag: 'tr' }],
    renderHTML: () => ['tr', 0],
  }),
  cell('tableCell', 'td'),
  cell('tableHeader', 'th'),
  comment,
  ...own,
])

export interface Json {
  readonly type: string
  readonly attrs?: Record<string, unknown>
  readonly content?: readonly Json[]
  readonly marks?: readonly Json[]
  readonly text?: string
}

/** The JSON in the form of TipTap, with all attributes and with ordered marks. @throws if it is not valid */
export function canonical(json: Json): PmNode {
  const node = schema.nodeFromJSON(json)
  node.check()
  return node
}

/** The document that a TipTap editor makes from the JSON. */
export const tiptapDoc = (json: Json, field = 'default'): Y.Doc =>
  prosemirrorToYDoc(canonical(json), field)

const t = (text: string, ...marks: (string | Json)[]): Json => ({
  type: 'text',
  text,
  ...(marks.length > 0
    ? { marks: marks.map((mark) => (typeof mark === 'string' ? { type: mark } : mark)) }
    : {}),
})
const n = (type: string, ...content: Json[]): Json => ({ type, content })
const a = (type: string, attrs: Record<string, unknown>, ...content: Json[]): Json => ({
  type,
  attrs,
  ...(content.length > 0 ? { content } : {}),
})
const p = (...content: Json[]): Json =>
  content.length > 0 ? n('paragraph', ...content) : { type: 'paragraph' }
const link = (href: string): Json => ({ type: 'link', attrs: { href, title: 'a "title"' } })

/** Every node and mark of StarterKit, tables, tasks, images, nested lists, emoji, right-to-left text. */
export const EVERYTHING: Json = n(
  'doc',
  ...[1, 2, 3, 4, 5, 6].map((level) => a('heading', { level }, t(`Heading ${level}`))),
  p(
    t('Plain, '),
    t('bold', 'bold'),
    t('bold italic', 'bold', 'italic'),
    t('italic', 'italic'),
    t(' '),
    t('gone', 'strike'),
    t(' under', 'underline'),
    t(' '),
    t('let x = 1', 'code'),
    t(' '),
    t('a link ', link('https://example.com/a?b=1&c=2')),
    t('in bold', link('https://example.com/a?b=1&c=2'), 'bold'),
    t('.'),
    { type: 'hardBreak' },
    t('after a break, 5 < 6 & 7 > 6'),
  ),
  p(t('😀 👩‍👩‍👧 e\u0301 '), t('שלום עולם', 'bold'), t(' مرحبا')),
  p(
    t('one comment, ', { type: 'comment', attrs: { id: 'a' } }),
    t(
      'two',
      { type: 'comment', attrs: { id: 'a' } },
      { type: 'comment', attrs: { id: 'b' } },
      'bold',
    ),
  ),
  p(t('  two  spaces\tand a tab  ')),
  p(),
  n('blockquote', p(t('quoted')), n('blockquote', p(t('twice')))),
  n(
    'bulletList',
    n('listItem', p(t('one'))),
    n(
      'listItem',
      p(t('two')),
      a(
        'orderedList',
        { start: 3 },
        n('listItem', p(t('three'))),
        n('listItem', p(t('four')), n('bulletList', n('listItem', p(t('deep'))))),
      ),
    ),
  ),
  n(
    'taskList',
    a('taskItem', { checked: true }, p(t('done'))),
    a(
      'taskItem',
      { checked: false },
      p(t('to do')),
      n('taskList', a('taskItem', { checked: true }, p(t('below')))),
    ),
  ),
  a('codeBlock', { language: 'ts' }, t('if (a < b) {\n  return "&amp;"\n}\n')),
  { type: 'codeBlock', content: [t('no language')] },
  { type: 'horizontalRule' },
  a('image', { src: 'https://example.com/a b.png?x=1', alt: 'An "image"', title: 'Title' }),
  n(
    'table',
    n(
      'tableRow',
      n('tableHeader', p(t('Name'))),
      a('tableHeader', { colspan: 2 }, p(t('Numbers'))),
    ),
    n(
      'tableRow',
      n('tableCell', p(t('a', 'bold'))),
      n('tableCell', p(t('1'))),
      n('tableCell', p()),
    ),
    n(
      'tableRow',
      a('tableCell', { rowspan: 2, colwidth: [120] }, p(t('two')), p(t('lines'))),
      n('tableCell', p(t('2 | 3'))),
      n('tableCell', n('bulletList', n('listItem', p(t('in a cell'))))),
    ),
  ),
  a(
    'callout',
    { kind: 'warning', nested: { deep: [1, 'two'] } },
    p(t('own block')),
    n('bulletList', n('listItem', p(t('inside')))),
  ),
  n('caption', t('own text block with '), a('mention', { id: 'u1', label: 'Ada' }), t(' in it')),
)
