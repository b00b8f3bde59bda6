/** Where the server takes the pictures of a document. */
export const picturesOf = (docId: string): string => `/api/docs/${encodeURIComponent(docId)}/files`

/** The address of a picture of a document. */
export const pictureOf = (docId: string, id: string): string => `${picturesOf(docId)}/${id}`

/** The address of a picture that the server keeps. */
export const STORED_ADDRESS = /^\/api\/docs\/[^/]+\/files\/([0-9a-f]{64})$/

/**
 * The address of the same picture in this document: a copy of a document has its pictures, and names the addresses of
 * the original, which may be deleted or closed to this person. Null for a picture that the server does not keep.
 */
export function samePictureIn(docId: string, address: string): string | null {
  const [, id] = STORED_ADDRESS.exec(address) ?? []
  return id === undefined ? null : pictureOf(docId, id)
}
