// Lists with check boxes, and tables: structures that HTML can express in more than one way.
import type { Element, ElementContent, Nodes } from 'hast'
import type { PmNode } from '../prosemirror/nodes.ts'

/** An element of one of the names. */
export const isElement = (
  node: Nodes | undefined,
  ...tagNames: readonly string[]
): node is Element => node?.type === 'element' && tagNames.includes(node.tagName)

const isCheckbox = (node: ElementContent): node is Element =>
  isElement(node, 'input') && node.properties.type === 'checkbox'

/** True for task lists of TipTap and GitHub. A list in which only some items have a check box is not one. */
export function isTaskList({ properties, children }: Element): boolean {
  if (properties.dataType === 'taskList') return true
  const items = children.filter((item) => isElement(item, 'li')) as Element[]
  return (
    items.length > 0 &&
    // In our own HTML, an item with a state outside a task list has that attribute.
    items.every((item) => item.properties.dataChecked === undefined && findCheckbox(item) !== null)
  )
}

/** The check box that an item begins with, and the element that it lies in. */
function findCheckbox(item: Element): { box: Element; line: Element } | null {
  const first = item.children.find((child) => child.type !== 'text' || child.value.trim() !== '')
  if (first === undefined) return null
  if (isCheckbox(first)) return { box: first, line: item }
  return isElement(first, 'p', 'label') ? findCheckbox(first) : null
}

/**
 * Removes the check box of an item and stores its state as `data-checked`, unless the item already has that
 * attribute.
 */
export function readItemState(item: Element): Element {
  const found = findCheckbox(item)
  if (found === null) return item
  const { box, line } = found
  const { checked } = box.properties
  const isChecked = checked === true || checked === ''
  const rest = line.children.filter((child) => child !== box)
  const children =
    line === item
      ? rest
      : item.children.map((child) => (child === line ? { ...line, children: rest } : child))
  return { ...item, properties: { dataChecked: String(isChecked), ...item.properties }, children }
}

/** Makes the nodes for the parts of a table. */
export interface TableParts {
  readonly table: (rows: readonly PmNode[]) => PmNode
  readonly row: (row: Element, cells: readonly PmNode[]) => PmNode
  readonly cell: (cell: Element, type: 'tableHeader' | 'tableCell') => PmNode
  readonly caption: (caption: Element) => readonly PmNode[]
}

/**
 * Reads a table with its rows, including those in `thead`, `tbody` and `tfoot`. A caption becomes blocks
 * before the table. A table without rows is dropped.
 */
export function readTable(table: Element, make: TableParts): PmNode[] {
  const rows: PmNode[] = []
  const captions: PmNode[] = []
  for (const part of table.children) {
    if (isElement(part, 'caption')) captions.push(...make.caption(part))
    const inner = isElement(part, 'thead', 'tbody', 'tfoot') ? part.children : [part]
    for (const row of inner) {
      if (!isElement(row, 'tr')) continue
      const cells = row.children.filter((cell) => isElement(cell, 'td', 'th')) as Element[]
      const content = cells.map((cell) =>
        make.cell(cell, cell.tagName === 'th' ? 'tableHeader' : 'tableCell'),
      )
      if (content.length > 0) rows.push(make.row(row, content))
    }
  }
  return rows.length === 0 ? captions : [...captions, make.table(rows)]
}
