import { Fragment, type Node, type Schema } from '@tiptap/pm/model'
import { type EditorState, TextSelection, type Transaction } from '@tiptap/pm/state'

/** A table with a header row, and the content of its header cells; null if the schema has no tables. */
export function tableOf(
  { nodes: { table, tableRow, tableHeader, tableCell, paragraph } }: Schema,
  header: readonly Fragment[],
  rows: number,
): Node | null {
  if (!table || !tableRow || !tableHeader || !tableCell || !paragraph) return null
  const rowOf = (cell: typeof tableCell, contents: readonly Fragment[]) =>
    tableRow.create(
      null,
      contents.map((content) => cell.create(null, paragraph.create(null, content))),
    )
  const empty = header.map(() => Fragment.empty)
  const body = Array.from({ length: rows - 1 }, () => rowOf(tableCell, empty))
  return table.create(null, [rowOf(tableHeader, header), ...body])
}

/** Replaces a part of the document with a table. There is a block below it, into which a person can write. */
export function putTable(tr: Transaction, from: number, to: number, table: Node): void {
  tr.replaceWith(from, to, table)
  const end = from + table.nodeSize
  const { paragraph } = table.type.schema.nodes
  if (tr.doc.resolve(end).nodeAfter === null && paragraph) tr.insert(end, paragraph.create())
}

/** Puts the caret into the cell in a row. @param at the position before the table */
export function goToRow(tr: Transaction, at: number, row: number): void {
  let pos = at + 1
  const table = tr.doc.nodeAt(at)
  for (let above = 0; above < row; above++) pos += table?.child(above).nodeSize ?? 0
  tr.setSelection(TextSelection.near(tr.doc.resolve(pos))).scrollIntoView()
}

interface Size {
  rows: number
  columns: number
}

interface CommandProps {
  tr: Transaction
  state: EditorState
  dispatch?: unknown
}

/** Inserts a table with a header row, and puts the caret into its first cell. */
export const newTable =
  ({ rows, columns }: Size) =>
  ({ tr, state, dispatch }: CommandProps): boolean => {
    const header = Array.from({ length: columns }, () => Fragment.empty)
    const table = tableOf(state.schema, header, rows)
    if (table === null) return false
    if (dispatch === undefined) return true
    const { $from } = tr.selection
    const isEmpty = $from.parent.isTextblock && $from.parent.content.size === 0 && $from.depth === 1
    const at = isEmpty ? $from.before() : $from.after(Math.max(1, $from.depth))
    putTable(tr, at, isEmpty ? $from.after() : at, table)
    goToRow(tr, at, 0)
    return true
  }
