// Lists with check boxes and tables: what HTML writes in more than one way.
import type { Element, ElementContent, Nodes } from 'hast'
import type { PmNode } from '../prosemirror/nodes.ts'

/** An element of one of the names. */
export const isElement = (
  node: ElementContent | undefined,
  ...tagNames: readonly string[]
): node is Element => node?.type === 'element' && tagNames.includes(node.tagName)

const isCheckbox = (node: ElementContent): node is Element =>
  isElement(node, 'input') && node.properties.type === 'checkbox'

/** TipTap's and GitHub's. */
export function isTaskList({ properties, children }: Element): boolean {
  if (properties.dataType === 'taskList') return true
  return children.some((item) => isElement(item, 'li') && findCheckbox(item) !== null)
}

/** The check box that an item begins with, and the element that it lies in. */
function findCheckbox(item: Element): { box: Element; line: Element } | null {
  const first = item.children.find((child) => child.type !== 'text' || child.value.trim() !== '')
  if (first === undefined) return null
  if (isCheckbox(first)) return { box: first, line: item }
  return isElement(first, 'p', 'label') ? findCheckbox(first) : null
}

/** The item without its check box, which is its state unless a data attribute says that. */
export function readTaskItem(item: Element): Element {
  const found = findCheckbox(item)
  if (found === null) return item
  const { box, line } = found
  const { checked } = box.properties
  const isChecked = checked === true || checked === ''
  const children =
    line === item
      ? item.children.filter((child) => child !== box)
      : item.children.map((child) =>
          child === line
            ? { ...line, children: line.children.filter((part) => part !== box) }
            : child,
        )
  return { ...item, properties: { dataChecked: String(isChecked), ...item.properties }, children }
}

/** A table's rows, wherever they lie in it; a caption becomes blocks in front of it. */
export function readTable(
  table: Element,
  readCell: (cell: Element, type: 'tableHeader' | 'tableCell') => PmNode,
  readCaption: (caption: Element) => readonly PmNode[],
): PmNode[] {
  const rows: PmNode[] = []
  const captions: PmNode[] = []
  for (const part of table.children) {
    if (isElement(part, 'caption')) captions.push(...readCaption(part))
    const inner = isElement(part, 'thead', 'tbody', 'tfoot') ? part.children : [part]
    for (const row of inner) {
      if (!isElement(row, 'tr')) continue
      const cells = row.children.filter((cell) => isElement(cell, 'td', 'th')) as Element[]
      const content = cells.map((cell) =>
        readCell(cell, cell.tagName === 'th' ? 'tableHeader' : 'tableCell'),
      )
      if (content.length > 0) rows.push({ type: 'tableRow', content })
    }
  }
  return rows.length === 0 ? captions : [...captions, { type: 'table', content: rows }]
}

/** The text in an element as it stands, with its line breaks. */
export function textOf(node: Nodes): string {
  if (node.type === 'text') return node.value
  if (node.type !== 'element') return ''
  return node.tagName === 'br' ? '\n' : node.children.map(textOf).join('')
}
