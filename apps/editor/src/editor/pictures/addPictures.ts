import type { Editor } from '@tiptap/core'
import { XmlElement } from 'yjs'
import { pictureOf } from './addresses.ts'
import { insertPicture } from './insertPicture.ts'
import { boundOf } from './places.ts'
import type { Upload, Uploads } from './Uploads.ts'
import { UploadError, upload } from './upload.ts'
import { altTextOf, troubleOf } from './words.ts'

/** Uploads pictures one after the other, and puts each to its place in the text when the server has it. */
export async function addPictures(
  uploads: Uploads,
  editor: Editor,
  started: readonly Upload[],
): Promise<void> {
  for (const one of started) {
    const { id, file, canceled } = one
    if (canceled.aborted) continue
    uploads.update(id, { sent: 0, trouble: null })
    try {
      const src = await stored(uploads, editor, one)
      if (canceled.aborted) continue
      if (!editor.isEditable) throw new UploadError('forbidden', '')
      insertPicture(editor, id, { src, alt: altTextOf(file.name) })
      uploads.remove(id)
    } catch (error) {
      uploads.update(id, { trouble: troubleOf(error, file) })
    }
  }
}

/** @returns the address of the picture */
async function stored(
  uploads: Uploads,
  editor: Editor,
  { id, file, canceled }: Upload,
): Promise<string> {
  const { docId, whenSaved } = uploads.document
  const show = (sent: number) => uploads.update(id, { sent })
  const address = async () => pictureOf(docId, await upload(docId, file, { show, canceled }))
  try {
    return await address()
  } catch (error) {
    const isNew = error instanceof UploadError && error.code === 'not_found'
    if (!isNew || canceled.aborted) throw error
    // The server has no edit of the document yet.
    const { type } = boundOf(editor.state)
    if (type.length === 0) type.insert(0, [new XmlElement('paragraph')])
    await Promise.race([whenSaved(), cancellationOf(canceled)])
    return address()
  }
}

/** Never resolves. @throws {UploadError} when the person cancels */
const cancellationOf = (canceled: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const cancel = () => reject(new UploadError('canceled', ''))
    canceled.addEventListener('abort', cancel, { once: true })
  })
