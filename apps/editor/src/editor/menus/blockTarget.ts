import type { Node, ResolvedPos } from '@tiptap/pm/model'
import type { EditorState } from '@tiptap/pm/state'
import type { EditorView } from '@tiptap/pm/view'

/** A block that the block menu and the handle act on: a list item, or a block of the document itself. */
export interface BlockTarget {
  /** The position before the block. */
  readonly pos: number
  readonly node: Node
}

const ITEMS = new Set(['listItem', 'taskItem'])

/** The block around a position; null in an empty document. */
export function blockAround($pos: ResolvedPos): BlockTarget | null {
  for (let depth = $pos.depth; depth > 0; depth--) {
    const node = $pos.node(depth)
    const isInTable = Array.from({ length: depth }, (_, above) => $pos.node(above)).some(
      ({ type }) => type.name === 'table',
    )
    if (depth === 1 || (ITEMS.has(node.type.name) && !isInTable)) {
      return { pos: $pos.before(depth), node }
    }
  }
  const node = $pos.nodeAfter
  return node === null ? null : { pos: $pos.pos, node }
}

export const blockAtSelection = ({ selection }: EditorState): BlockTarget | null =>
  blockAround(selection.$from)

/** The block at a height of the window, whatever the side. */
export function blockAtHeight(view: EditorView, clientY: number): BlockTarget | null {
  const { dom, state } = view
  const { left, width } = dom.getBoundingClientRect()
  const found = view.posAtCoords({ left: left + width / 2, top: clientY })
  if (found === null) return null
  const { pos, inside } = found
  const isAtom = inside >= 0 && state.doc.nodeAt(inside)?.isAtom === true
  return blockAround(state.doc.resolve(isAtom ? inside : pos))
}

/** The block at this position now; null if it has moved or gone. */
export const stillThere = (state: EditorState, { pos, node }: BlockTarget): boolean =>
  pos <= state.doc.content.size && state.doc.nodeAt(pos)?.type === node.type
