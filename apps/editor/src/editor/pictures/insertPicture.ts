import type { Editor } from '@tiptap/core'
import { TextSelection } from '@tiptap/pm/state'
import { placeOf, removePlace } from './places.ts'

/** The attributes of an image node that shows a picture. */
export interface Picture {
  readonly src: string
  readonly alt: string
}

/**
 * Puts a picture to its place in the text; without a place, to the caret. A caret that is there moves behind it: the
 * next key must not replace the picture.
 * @param id the upload of the picture
 */
export function insertPicture(editor: Editor, id: number, picture: Picture): void {
  const { selection } = editor.state
  const at = placeOf(editor.state, id) ?? selection.to
  const isHere = selection.empty && selection.from === at
  let end = at
  editor
    .chain()
    .insertContentAt(at, { type: 'image', attrs: picture }, { updateSelection: false })
    .command(({ tr }) => {
      tr.mapping.maps.at(-1)?.forEach((_from, _to, _newFrom, newTo) => {
        end = newTo
      })
      removePlace(tr, id, end)
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
}
