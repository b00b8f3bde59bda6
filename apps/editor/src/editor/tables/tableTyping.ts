import { type Editor, Extension } from '@tiptap/core'
import { Fragment, type Node, type ResolvedPos } from '@tiptap/pm/model'
import type { EditorState, Transaction } from '@tiptap/pm/state'
import { yUndoPluginKey } from '@tiptap/y-tiptap'
import { goToRow, putTable, tableOf } from './newTable.ts'
import { cellsOf, isDelimiterRow, type TypedCell } from './typedRow.ts'

/** The edit that Enter makes behind a line that is typed as Markdown writes tables; null behind any other line. */
export function tableTyped(state: EditorState): Transaction | null {
  const { $from, empty } = state.selection
  const isAtEnd = empty && $from.parentOffset === $from.parent.content.size
  if (!isAtEnd || $from.parent.type.name !== 'paragraph') return null
  return isBelowHeader($from) ? withoutDelimiter(state) : withTable(state)
}

function withTable(state: EditorState): Transaction | null {
  const { $from } = state.selection
  const { parent: line, depth } = $from
  const cells = cellsOf(textOf(line))
  const header = cells?.map((cell) => contentOf(line, cell)) ?? []
  // A header and a line to write into.
  const table = cells === null ? null : tableOf(state.schema, header, 2)
  if (table === null) return null
  const index = $from.index(depth - 1)
  if (!$from.node(depth - 1).canReplaceWith(index, index + 1, table.type)) return null
  if (isInTable($from)) return null
  const { tr } = state
  putTable(tr, $from.before(), $from.after(), table)
  goToRow(tr, $from.before(), 1)
  return tr
}

/** The line `| --- | --- |` says that there is a header, which the table already has. */
function withoutDelimiter(state: EditorState): Transaction | null {
  const { $from } = state.selection
  return isDelimiterRow(textOf($from.parent))
    ? state.tr.delete($from.start(), $from.end()).scrollIntoView()
    : null
}

/** One character for each position: a line end for a break, and a sign for a mention. */
const textOf = (line: Node): string =>
  line.textBetween(0, line.content.size, undefined, ({ type }) =>
    type.name === 'hardBreak' ? '\n' : '\ufffc',
  )

const contentOf = (line: Node, cell: TypedCell): Fragment =>
  cell.reduce((all, [from, to]) => all.append(line.content.cut(from, to)), Fragment.empty)

const isInTable = ($pos: ResolvedPos): boolean =>
  Array.from({ length: $pos.depth }, (_, depth) => $pos.node(depth)).some(
    ({ type }) => type.name === 'table',
  )

/** True in the first cell of the row below a header, if the row has no other content. */
function isBelowHeader($from: ResolvedPos): boolean {
  const { depth } = $from
  if (depth < 3 || $from.node(depth - 3).type.name !== 'table') return false
  const table = $from.node(depth - 3)
  const row = $from.node(depth - 2)
  const [isSecondRow, isFirstCell] = [$from.index(depth - 3) === 1, $from.index(depth - 2) === 0]
  const hasHeader = table.child(0).children.every(({ type }) => type.name === 'tableHeader')
  return isSecondRow && isFirstCell && hasHeader && row.textContent === $from.parent.textContent
}

/** Typing `| a | b |` and Enter makes a table. */
export const tableTyping = Extension.create({
  name: 'tableTyping',
  // Before Enter splits a block, and after it has chosen a suggestion.
  priority: 200,
  addKeyboardShortcuts() {
    return { Enter: () => makeTable(this.editor) }
  },
})

function makeTable({ state, view, isEditable }: Editor): boolean {
  const tr = isEditable ? tableTyped(state) : null
  if (tr === null) return false
  // Undo gives back what was typed, and neither less nor more.
  const undo = yUndoPluginKey.getState(state)?.undoManager
  undo?.stopCapturing()
  view.dispatch(tr)
  undo?.stopCapturing()
  return true
}
