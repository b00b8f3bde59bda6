import type { Editor } from '@tiptap/core'
import type { Command } from '@tiptap/pm/state'
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
