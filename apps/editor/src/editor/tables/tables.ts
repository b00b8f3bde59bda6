import { Extension, mergeAttributes, Node } from '@tiptap/core'
import { Plugin } from '@tiptap/pm/state'
import { addRowAfter, goToNextCell, tableEditing } from '@tiptap/pm/tables'

/** The roles that prosemirror-tables uses for the nodes that TipTap names. */
const ROLES: Readonly<Record<string, string>> = {
  table: 'table',
  tableRow: 'row',
  tableCell: 'cell',
  tableHeader: 'header_cell',
}

/**
 * The limit of HTML: a cell with a larger span would make a table that exhausts the browser's
 * memory.
 */
const MAX_SPAN = 1_000

function validateSpan(value: unknown): void {
  const isSpan = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_SPAN
  if (!isSpan) throw new RangeError(`a cell must span 1 to ${MAX_SPAN} cells`)
}

function validateWidths(value: unknown): void {
  const areWidths =
    value === null || (Array.isArray(value) && value.every((width) => typeof width === 'number'))
  if (!areWidths) throw new TypeError('column widths must be numbers')
}

const Table = Node.create({
  name: 'table',
  group: 'block',
  content: 'tableRow+',
  isolating: true,
  parseHTML: () => [{ tag: 'table' }],
  // A table that is wider than the page has its own scroll bar.
  renderHTML: ({ HTMLAttributes }) => [
    'div',
    { class: 'table-scroll' },
    ['table', mergeAttributes(HTMLAttributes), ['tbody', 0]],
  ],
})

const TableRow = Node.create({
  name: 'tableRow',
  content: '(tableCell | tableHeader)*',
  parseHTML: () => [{ tag: 'tr' }],
  renderHTML: ({ HTMLAttributes }) => ['tr', mergeAttributes(HTMLAttributes), 0],
})

const cell = (name: 'tableCell' | 'tableHeader', tag: 'td' | 'th') =>
  Node.create({
    name,
    content: 'block+',
    isolating: true,
    addAttributes: () => ({
      colspan: { default: 1, validate: validateSpan },
      rowspan: { default: 1, validate: validateSpan },
      colwidth: {
        default: null,
        validate: validateWidths,
        parseHTML: (element: HTMLElement) => widthsIn(element.getAttribute('data-colwidth')),
        renderHTML: ({ colwidth }: Record<string, unknown>) =>
          Array.isArray(colwidth) ? { 'data-colwidth': colwidth.join(',') } : {},
      },
    }),
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, mergeAttributes(HTMLAttributes), 0],
  })

function widthsIn(list: string | null): number[] | null {
  const widths = (list ?? '').split(',').map(Number)
  return widths.every((width) => width > 0) ? widths : null
}

/** Selects cells, and moves between them by keys. */
const TableEditing = Extension.create({
  name: 'tableEditing',
  extendNodeSchema: ({ name }) =>
    Object.hasOwn(ROLES, name) ? { tableRole: ROLES[name] } : ({} as Record<string, unknown>),
  addKeyboardShortcuts() {
    const { editor } = this
    const goTo = (direction: 1 | -1) =>
      editor.commands.command(({ state, dispatch }) => goToNextCell(direction)(state, dispatch))
    const addRow = () =>
      editor.commands.command(({ state, dispatch }) => addRowAfter(state, dispatch))
    return {
      Tab: () => goTo(1) || (addRow() && goTo(1)),
      'Shift-Tab': () => goTo(-1),
    }
  },
  addProseMirrorPlugins: () => [editingWithoutRepairs()],
})

/**
 * The plugin fills up ragged tables wherever it finds one, so that merely opening a document would
 * edit it, on each client separately. HTML shows ragged tables as they are.
 */
function editingWithoutRepairs(): Plugin {
  const plugin = tableEditing()
  const { appendTransaction } = plugin.spec
  return new Plugin({
    ...plugin.spec,
    // It repairs differences from the state before; without a difference it only updates the
    // selection.
    appendTransaction: (transactions, _before, state) =>
      appendTransaction?.call(plugin, transactions, state, state),
  })
}

export const tables = [
  Table,
  TableRow,
  cell('tableCell', 'td'),
  cell('tableHeader', 'th'),
  TableEditing,
]
