import type { Editor, NodeViewRendererProps } from '@tiptap/core'
import { NodeSelection, Selection } from '@tiptap/pm/state'
import type { CaptionActions } from './captionField.ts'
import { changePicture } from './changePicture.ts'

/** The actions of a caption's field on the document, and on the selection around it. */
export function captionActions(
  editor: Editor,
  getPos: NodeViewRendererProps['getPos'],
): CaptionActions {
  const at = (act: (pos: number) => void) => () => {
    const pos = getPos()
    if (pos !== undefined) act(pos)
  }
  return {
    change: (words) => {
      // A picture without words has no caption, as if nobody had ever written one.
      at((pos) => changePicture(editor, pos, { caption: words === '' ? null : words }))()
    },
    goBelow: (isNewLine) => at((pos) => goBelow(editor, pos, isNewLine))(),
    selectPicture: at((pos) => {
      const { state, view } = editor
      view.focus()
      view.dispatch(state.tr.setSelection(NodeSelection.create(state.doc, pos)))
    }),
    undo: () => editor.commands.undo(),
    redo: () => editor.commands.redo(),
  }
}

function goBelow(editor: Editor, pos: number, isNewLine: boolean): void {
  const { state, view, isEditable } = editor
  const { tr } = state
  const below = pos + (state.doc.nodeAt(pos)?.nodeSize ?? 0)
  const next = state.doc.resolve(below).nodeAfter
  const hasLine = next?.isTextblock === true && (!isNewLine || next.content.size === 0)
  const line = state.schema.nodes.paragraph
  if (!hasLine && (isNewLine || next === null) && isEditable && line !== undefined) {
    tr.insert(below, line.create())
  }
  view.focus()
  view.dispatch(tr.setSelection(Selection.near(tr.doc.resolve(below), 1)).scrollIntoView())
}
