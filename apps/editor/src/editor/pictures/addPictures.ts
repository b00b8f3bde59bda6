import type { Editor } from '@tiptap/core'
import {
  absolutePositionToRelativePosition,
  relativePositionToAbsolutePosition,
  ySyncPluginKey,
} from '@tiptap/y-tiptap'
import { XmlElement, type XmlFragment } from 'yjs'
import { pictureOf } from './addresses.ts'
import { insertPicture } from './insertPicture.ts'
import type { Uploads } from './Uploads.ts'
import { UploadError, upload } from './upload.ts'
import { altTextOf, troubleOf } from './words.ts'

/** The state of the binding between the editor and the document. */
interface Bound {
  readonly type: XmlFragment
  readonly binding: { readonly mapping: Map<never, never> } | null
}

/** Uploads pictures one after the other, and puts each into the text when the server has it. */
export async function addPictures(
  uploads: Uploads,
  editor: Editor,
  files: readonly File[],
  at: number,
): Promise<void> {
  const waiting = files.map((file) => ({ file, id: uploads.start(file.name) }))
  let place = followed(editor, at)
  for (const { file, id } of waiting) {
    try {
      const show = (sent: number) => uploads.update(id, { sent })
      const src = await stored(uploads, editor, file, show)
      if (editor.isDestroyed) return
      if (!editor.isEditable) throw new UploadError('forbidden', '')
      const behind = insertPicture(editor, place.take(), { src, alt: altTextOf(file.name) })
      place = followed(editor, behind)
      uploads.remove(id)
    } catch (error) {
      uploads.update(id, { trouble: troubleOf(error, file) })
    }
  }
}

/** @returns the address of the picture */
async function stored(
  { document: { docId, whenSaved } }: Uploads,
  editor: Editor,
  file: File,
  show: (sent: number) => void,
): Promise<string> {
  const address = async () => pictureOf(docId, await upload(docId, file, show))
  try {
    return await address()
  } catch (error) {
    if (!(error instanceof UploadError && error.code === 'not_found')) throw error
    // The server has no edit of the document yet.
    const { type } = boundOf(editor)
    if (type.length === 0) type.insert(0, [new XmlElement('paragraph')])
    await whenSaved()
    return address()
  }
}

const boundOf = (editor: Editor): Bound => ySyncPluginKey.getState(editor.state) as Bound

/** A place that keeps its neighbours while others write. */
function followed(editor: Editor, at: number): { take(): number } {
  const { type, binding } = boundOf(editor)
  const mark = binding && absolutePositionToRelativePosition(at, type, binding.mapping)
  return {
    take() {
      const now = boundOf(editor)
      const found =
        mark === null || now.binding === null
          ? null
          : relativePositionToAbsolutePosition(
              now.type.doc as never,
              now.type,
              mark as never,
              now.binding.mapping,
            )
      return Math.min(found ?? editor.state.selection.to, editor.state.doc.content.size)
    },
  }
}
