import type { RequestError } from '@y-electric/server'
// Helpers that build documents as from stored rows, and write them in the formats.
import * as Y from 'yjs'
import type { RootChoice } from '../formats.ts'
import { type ContentFormat, writeContent } from '../write.ts'

/**
 * A document as it is built from rows. Its roots have no types yet, because no caller has opened
 * them.
 */
export function stored(fill: (doc: Y.Doc) => void): Y.Doc {
  const doc = new Y.Doc({ guid: 'stored' })
  doc.clientID = 1
  doc.transact(() => fill(doc))
  const copy = new Y.Doc({ guid: 'stored' })
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}

export const write = (doc: Y.Doc, format: ContentFormat, choice: RootChoice = {}) =>
  writeContent(doc, format, choice).body as string
export const json = (doc: Y.Doc, choice: RootChoice = {}): unknown =>
  JSON.parse(write(doc, 'json', choice))

/** The error that `run` throws, as `code: message`. */
export function codeOf(run: () => unknown): string {
  try {
    run()
    return 'no error'
  } catch (error) {
    return `${(error as RequestError).code}: ${(error as RequestError).message}`
  }
}
