import type { Editor } from '@tiptap/core'
import type { Node } from '@tiptap/pm/model'
import { type EditorState, NodeSelection } from '@tiptap/pm/state'

/** The attributes of a picture that its tools change. */
export interface PictureAttributes {
  readonly alt?: string
  readonly caption?: string | null
  readonly width?: number | null
  readonly height?: null
}

/** The picture that is selected as a whole; null if none is. */
export const selectedPicture = ({ selection }: EditorState): Node | null =>
  selection instanceof NodeSelection && selection.node.type.name === 'image' ? selection.node : null

/** Changes a picture, unless another person has removed it meanwhile. Its selection stays. */
export function changePicture(editor: Editor, pos: number, attributes: PictureAttributes): void {
  const { state, view } = editor
  if (!editor.isEditable || state.doc.nodeAt(pos)?.type.name !== 'image') return
  const { tr } = state
  for (const [name, value] of Object.entries(attributes)) tr.setNodeAttribute(pos, name, value)
  view.dispatch(tr)
}
