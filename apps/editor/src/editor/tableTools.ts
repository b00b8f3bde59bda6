import type { Editor } from '@tiptap/core'
import { type Command, type EditorState, TextSelection, type Transaction } from '@tiptap/pm/state'
import {
  addColumnAfter,
  addColumnBefore,
  addRowAfter,
  addRowBefore,
  deleteColumn,
  deleteRow,
  deleteTable,
  isInTable,
  mergeCells,
  splitCell,
  toggleHeaderColumn,
  toggleHeaderRow,
} from '@tiptap/pm/tables'

interface Size {
  rows: number
  columns: number
}

/** Inserts a table with a header row, and puts the caret into its first cell. */
export const newTable =
  ({ rows, columns }: Size) =>
  ({
    tr,
    state,
    dispatch,
  }: {
    tr: Transaction
    state: EditorState
    dispatch?: unknown
  }): boolean => {
    const { table, tableRow, tableHeader, tableCell } = state.schema.nodes
    if (!table || !tableRow || !tableHeader || !tableCell) return false
    const rowOf = (cell: typeof tableCell) =>
      tableRow.create(
        null,
        Array.from({ length: columns }, () => cell.createAndFill()).filter((made) => made !== null),
      )
    const made = table.create(
      null,
      Array.from({ length: rows }, (_, row) => rowOf(row === 0 ? tableHeader : tableCell)),
    )
    if (dispatch === undefined) return true
    const { $from } = tr.selection
    const isEmpty = $from.parent.isTextblock && $from.parent.content.size === 0 && $from.depth === 1
    const at = isEmpty ? $from.before() : $from.after(Math.max(1, $from.depth))
    tr.replaceWith(at, isEmpty ? $from.after() : at, made)
    const end = at + made.nodeSize
    // Without a block below it, nobody could write after a table at the end.
    if (tr.doc.resolve(end).nodeAfter === null && state.schema.nodes.paragraph) {
      tr.insert(end, state.schema.nodes.paragraph.create())
    }
    tr.setSelection(TextSelection.near(tr.doc.resolve(at + 1))).scrollIntoView()
    return true
  }

export interface TableTool {
  readonly label: string
  readonly command: Command
}

/** The tools for the table around the selection, in groups. */
export const TABLE_TOOLS: readonly (readonly TableTool[])[] = [
  [
    { label: 'Add a row above', command: addRowBefore },
    { label: 'Add a row below', command: addRowAfter },
    { label: 'Add a column before', command: addColumnBefore },
    { label: 'Add a column after', command: addColumnAfter },
  ],
  [
    { label: 'Header row on or off', command: toggleHeaderRow },
    { label: 'Header column on or off', command: toggleHeaderColumn },
    { label: 'Merge the selected cells', command: mergeCells },
    { label: 'Split the cell', command: splitCell },
  ],
  [
    { label: 'Delete the row', command: deleteRow },
    { label: 'Delete the column', command: deleteColumn },
    { label: 'Delete the table', command: deleteTable },
  ],
]

export const isTableSelected = ({ state }: Editor): boolean => isInTable(state)

export const isPossible = ({ state, isEditable }: Editor, { command }: TableTool): boolean =>
  isEditable && command(state)

export function runTableTool(editor: Editor, { command }: TableTool): void {
  editor.view.focus()
  command(editor.state, editor.view.dispatch)
}
