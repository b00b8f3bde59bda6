import type { Losses } from '../losses.ts'
import { type Attrs, canonicalName, labelOf, type PmNode } from './nodes.ts'

/** Nodes that plain text expresses completely: a text, and a paragraph as a line. */
const LINES: ReadonlySet<string> = new Set(['doc', 'text', 'paragraph'])

/**
 * Counts the content that plain text does not express: marks, attributes, and nodes that are more than
 * lines. A node without content is expressed by its label, if it has one.
 */
export function countUnsaidByText(node: PmNode, losses: Losses): void {
  const { type, attrs = {}, content = [], marks = [] } = node
  for (const mark of marks) losses.add('mark', mark.type)
  if (LINES.has(canonicalName(type))) countAttrs(type, attrs, '', losses)
  else countNode(node, losses)
  for (const child of content) countUnsaidByText(child, losses)
}

function countNode(node: PmNode, losses: Losses): void {
  const { type, attrs = {}, content = [] } = node
  const label = content.length > 0 ? '' : labelOf(node)
  const isSaid = content.length > 0 || label !== '' || canonicalName(type) === 'hardBreak'
  losses.add(isSaid ? 'structure' : 'node', type)
  // Without a label, everything that the node holds is lost with it.
  if (isSaid) countAttrs(type, attrs, label, losses)
}

function countAttrs(type: string, attrs: Attrs, label: string, losses: Losses): void {
  for (const [name, value] of Object.entries(attrs)) {
    const isSaid = typeof value !== 'object' && value !== '' && label.includes(String(value))
    if (value !== null && !isSaid) losses.add('attribute', `${type}.${name}`)
  }
}
