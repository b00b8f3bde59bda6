import type { Editor } from '@tiptap/core'
import { TextSelection } from '@tiptap/pm/state'

/** The attributes of an image node that shows a picture. */
export interface Picture {
  readonly src: string
  readonly alt: string
}

/**
 * Puts a picture into the text. A caret that is there moves behind it: the next key must not replace the picture.
 * @returns the position behind the picture
 */
export function insertPicture(editor: Editor, at: number, picture: Picture): number {
  const { selection } = editor.state
  const isHere = selection.empty && selection.from === at
  let end = at
  editor
    .chain()
    .insertContentAt(at, { type: 'image', attrs: picture }, { updateSelection: false })
    .command(({ tr }) => {
      tr.mapping.maps.at(-1)?.forEach((_from, _to, _newFrom, newTo) => {
        end = newTo
      })
      if (!isHere) return true
      const { parent, nodeAfter } = tr.doc.resolve(end)
      const inside = parent.isTextblock ? end : end + 1
      if (!parent.isTextblock && nodeAfter?.isTextblock !== true) {
        const paragraph = editor.schema.nodes.paragraph?.create()
        if (paragraph !== undefined) tr.insert(end, paragraph)
      }
      tr.setSelection(TextSelection.create(tr.doc, inside))
      return true
    })
    .run()
  return end
}
