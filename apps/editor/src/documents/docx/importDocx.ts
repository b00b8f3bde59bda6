import mammoth from 'mammoth'
import { pictureOf } from '../../editor/pictures/addresses.ts'
import { importFile, storePicture } from '../serverApi.ts'
import type { Loss } from '../serverTypes.ts'
import { counted, type Lost, lostIn } from './messages.ts'
import { unreadParts } from './parts.ts'

/** Marks that the converter leaves out by default, and that documents can hold. Comments become notes at the end. */
const STYLES = ['u => u', 'highlight => mark', 'comment-reference => sup']

/** The kinds of pictures that a server keeps. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])

/** Creates a document from a Word file (.docx). @returns what the document cannot hold */
export async function importDocx(docId: string, file: Blob): Promise<readonly Loss[]> {
  const { html, pictures, losses } = await converted(docId, await file.arrayBuffer())
  const others = await importFile(docId, 'html', new Blob([html]))
  const stored = await Promise.allSettled(
    [...pictures.values()].map((picture) => storePicture(docId, picture)),
  )
  const lost = stored.filter(({ status }) => status === 'rejected').length
  return [...losses, ...others, ...(lost === 0 ? [] : [lostPictures(lost)])]
}

const lostPictures = (count: number): Loss => ({ kind: 'node', name: 'picture', count })

async function converted(docId: string, archive: ArrayBuffer) {
  const pictures = new Map<string, Blob>()
  const refused: Lost[] = []
  const convertImage = mammoth.images.imgElement(async (image) => {
    const data = await image.readAsArrayBuffer()
    const id = await idOf(data)
    if (id === null || !PICTURES.has(image.contentType)) {
      refused.push({ kind: 'node', name: `picture ${image.contentType}` })
      // Without an address, only the alternative text is kept.
      return {} as { src: string }
    }
    pictures.set(id, new Blob([data], { type: image.contentType }))
    return { src: pictureOf(docId, id) }
  })
  try {
    const options = { styleMap: STYLES, convertImage }
    const { value, messages } = await mammoth.convertToHtml({ arrayBuffer: archive }, options)
    const lost = [...messages.map(({ message }) => lostIn(message)), ...refused]
    const losses = [...counted(lost), ...unreadParts(new Uint8Array(archive))]
    return { html: value, pictures, losses }
  } catch (cause) {
    throw new Error('It is damaged, or no Word file (.docx).', { cause })
  }
}

/** The id that the server will give to a picture; null on a page that cannot compute it. */
async function idOf(data: ArrayBuffer): Promise<string | null> {
  // Browsers offer it only to pages that are loaded over TLS or from this machine.
  if (globalThis.crypto.subtle === undefined) return null
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
