import type { Editor } from '@tiptap/core'
import { Fragment } from '@tiptap/pm/model'
import { NodeSelection, TextSelection, type Transaction } from '@tiptap/pm/state'
import type { Block } from '../blocks.ts'
import { type BlockTarget, stillThere } from './blockTarget.ts'

/** Changes a block, unless another person has removed it meanwhile. */
function change(editor: Editor, target: BlockTarget, act: (tr: Transaction) => void): void {
  if (!editor.isEditable || !stillThere(editor.state, target)) return
  const { tr } = editor.state
  act(tr)
  editor.view.dispatch(tr.scrollIntoView())
}

const sizeNow = (tr: Transaction, pos: number): number => tr.doc.nodeAt(pos)?.nodeSize ?? 0

export const duplicate = (editor: Editor, target: BlockTarget): void =>
  change(editor, target, (tr) => {
    const node = tr.doc.nodeAt(target.pos)
    if (node === null) return
    const after = target.pos + node.nodeSize
    tr.insert(after, node)
    tr.setSelection(TextSelection.near(tr.doc.resolve(after + 1)))
  })

export const remove = (editor: Editor, target: BlockTarget): void =>
  change(editor, target, (tr) => {
    const $pos = tr.doc.resolve(target.pos)
    // A list without items is not allowed, so the last item is removed together with its list.
    const isOnly = $pos.depth > 0 && $pos.parent.childCount === 1
    const from = isOnly ? $pos.before() : target.pos
    const to = isOnly ? $pos.after() : target.pos + sizeNow(tr, target.pos)
    tr.delete(from, to)
    tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(from, tr.doc.content.size))))
  })

/** True if a block before (-1) or after (1) it can change places with it. */
export function canMove({ state }: Editor, { pos }: BlockTarget, by: -1 | 1): boolean {
  const $pos = state.doc.resolve(Math.min(pos, state.doc.content.size))
  const index = $pos.index()
  return by === -1 ? index > 0 : index < $pos.parent.childCount - 1
}

export const move = (editor: Editor, target: BlockTarget, by: -1 | 1): void =>
  change(editor, target, (tr) => {
    if (!canMove(editor, target, by)) return
    const { pos } = target
    const $pos = tr.doc.resolve(pos)
    const node = tr.doc.nodeAt(pos)
    const other = by === -1 ? $pos.nodeBefore : $pos.parent.maybeChild($pos.index() + 1)
    if (node === null || !other) return
    const start = by === -1 ? pos - other.nodeSize : pos
    const pair = by === -1 ? [node, other] : [other, node]
    const caret = tr.selection.from - pos
    const place = by === -1 ? start : start + other.nodeSize
    tr.replaceWith(start, start + node.nodeSize + other.nodeSize, Fragment.from(pair))
    const inside = caret > 0 && caret < node.nodeSize ? caret : 1
    tr.setSelection(TextSelection.near(tr.doc.resolve(place + inside)))
  })

/** Turns all text of a block into another kind of block. */
export function turnInto(editor: Editor, target: BlockTarget, block: Block): void {
  if (!editor.isEditable || !stillThere(editor.state, target)) return
  const { pos } = target
  const size = editor.state.doc.nodeAt(pos)?.nodeSize ?? 0
  block
    .apply(
      editor
        .chain()
        .focus()
        .setTextSelection({ from: pos + 1, to: pos + size - 1 }),
    )
    .setTextSelection(pos + 1)
    .run()
}

/** Selects a block as a whole, for dragging it. */
export function selectWhole(editor: Editor, { pos }: BlockTarget): void {
  const { state, view } = editor
  if (state.doc.nodeAt(pos)?.type.spec.selectable === false) return
  view.dispatch(state.tr.setSelection(NodeSelection.create(state.doc, pos)))
}
