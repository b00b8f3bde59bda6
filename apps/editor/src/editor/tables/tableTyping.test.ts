import { EditorState, TextSelection } from '@tiptap/pm/state'
import { expect, test } from 'vitest'
import { schemaWith } from '../content.ts'
import { tableTyped } from './tableTyping.ts'

const schema = schemaWith({})

const t = (text: string, ...marks: string[]) => ({
  type: 'text',
  text,
  ...(marks.length > 0 && { marks: marks.map((type) => ({ type })) }),
})
const p = (...content: object[]) => ({ type: 'paragraph', ...(content.length > 0 && { content }) })
const cell = (...content: object[]) => ({ type: 'tableCell', content: [p(...content)] })
const head = (...content: object[]) => ({ ...cell(...content), type: 'tableHeader' })
const row = (...content: object[]) => ({ type: 'tableRow', content })
const table = (...content: object[]) => ({ type: 'table', content })

/** The document after Enter behind the last bar; null if Enter does nothing special. */
function enter(...content: object[]) {
  const doc = schema.nodeFromJSON({ type: 'doc', content })
  let caret = 0
  doc.descendants((node, pos) => {
    if (node.isTextblock && /\|\s*$/.test(node.textContent)) caret = pos + 1 + node.content.size
  })
  const tr = tableTyped(EditorState.create({ doc, selection: TextSelection.create(doc, caret) }))
  return tr === null ? null : { content: simple(tr.doc.toJSON().content), tr }
}

/** Without the attributes that have their defaults. */
const simple = (content: object): unknown =>
  JSON.parse(JSON.stringify(content, (key, value) => (key === 'attrs' ? undefined : value)))

test('a line such as | a | b | becomes a table with that header, an empty row, and a line below it', () => {
  const made = enter(p(t('before')), p(t('| Name | Born |')))
  expect(made?.content).toEqual([
    p(t('before')),
    table(row(head(t('Name')), head(t('Born'))), row(cell(), cell())),
    p(),
  ])
  // The caret is in the first cell of the empty row.
  const { $from } = made?.tr.selection ?? {}
  expect($from?.node(-1).type.name).toBe('tableCell')
  expect($from?.index(-2)).toBe(0)
})

test('the cells keep the marks and the mentions of the line', () => {
  const mention = { type: 'mention' }
  const made = enter(p(t('| '), t('Name', 'bold'), t(' | by '), mention, t(' | \\| |')), p())
  expect(made?.content).toEqual([
    table(
      row(head(t('Name', 'bold')), head(t('by '), mention), head(t('|'))),
      row(cell(), cell(), cell()),
    ),
    p(),
  ])
})

test('the line | --- | below the header of an empty table leaves nothing behind', () => {
  const made = enter(table(row(head(t('a')), head(t('b'))), row(cell(t('| --- | --- |')), cell())))
  expect(made?.content).toEqual([table(row(head(t('a')), head(t('b'))), row(cell(), cell()))])
  expect(made?.tr.selection.$from.node(-1).type.name).toBe('tableCell')
})

test.each<[string, object[]]>([
  ['a row inside of a table', [table(row(head(t('| a | b |'))), row(cell()))]],
  [
    'a line below a header whose row has other content',
    [table(row(head(), head()), row(cell(t('|-|')), cell(t('x'))))],
  ],
  ['a line below a row without a header', [table(row(cell()), row(cell(t('|-|'))))]],
  ['a line in the third row', [table(row(head()), row(cell()), row(cell(t('|-|'))))]],
  ['a delimiter without a table', [p(t('| --- | --- |'))]],
  [
    'the first line of an item',
    [{ type: 'bulletList', content: [{ type: 'listItem', content: [p(t('| a |'))] }] }],
  ],
  ['a heading', [{ type: 'heading', content: [t('| a |')] }]],
  ['code', [{ type: 'codeBlock', content: [t('| a |')] }]],
  ['a line of two lines', [p(t('| a'), { type: 'hardBreak' }, t('b |'))]],
])('Enter makes no table of %s', (_name, content) => {
  expect(enter(...content)).toBe(null)
})
