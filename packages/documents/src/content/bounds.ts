import { DEFAULT_LIMITS, type Limits, RequestError } from '@y-electric/server'
import { judgeUpdateV2, TooMuchError } from 'y-electric/protocol'
import * as Y from 'yjs'

/** A version of a document: its bytes (Yjs v2), and how many structs they hold. */
export interface Version {
  readonly data: Uint8Array
  readonly structs: number
}

/** Limits of content that a client sends. */
export type ContentBounds = Pick<Limits, 'maxDocumentStructs' | 'maxSnapshotBytes'>

/**
 * The limits of decoding content. Names count in full, because Yjs writes each of them out again when
 * it encodes.
 */
export const decodingLimitsOf = ({ maxDocumentStructs, maxSnapshotBytes }: ContentBounds) => ({
  maxStructs: maxDocumentStructs,
  maxNameLength: maxSnapshotBytes,
})

/**
 * The content of a new document, as a version that every other document can apply.
 * @throws {RequestError} `invalid_content`, `document_too_large`
 */
export function versionOfDoc(doc: Y.Doc, bounds: ContentBounds = DEFAULT_LIMITS): Version {
  const data = Y.encodeStateAsUpdateV2(doc)
  try {
    return { data, structs: judgeUpdateV2(data, decodingLimitsOf(bounds)).structs }
  } catch (error) {
    throw refusalOfContent(error)
  }
}

/** Converts an error of the check of content to the error that the client receives. */
export function refusalOfContent(error: unknown): RequestError {
  const { message } = error as Error
  return error instanceof TooMuchError
    ? new RequestError('document_too_large', message, {
        cause: error,
      })
    : new RequestError('invalid_content', message, { cause: error })
}
