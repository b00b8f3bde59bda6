// Documents with a picture, stored as a back end does.
import { docPath } from 'y-electric/protocol'
import { PICTURE, PICTURE_ID } from '../api/picture.ts'

/** The address of the red square in a document. */
export const squareIn = (docId: string): string => `/api${docPath(docId)}/files/${PICTURE_ID}`

/** Creates a document from HTML, and stores the red square beside it. */
export async function storeWithPicture(url: string, docId: string, html: string): Promise<void> {
  const send = async (method: string, path: string, type: string, body: BodyInit) => {
    const answer = await fetch(`${url}/api${path}`, {
      method,
      headers: { 'content-type': type },
      body,
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  }
  await send('PUT', docPath(docId), 'text/html', html)
  await send('POST', `${docPath(docId)}/files`, 'image/png', new Uint8Array(PICTURE))
}
