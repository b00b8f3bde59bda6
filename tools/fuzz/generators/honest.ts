import * as Y from 'yjs'
import { randomDocument } from '../adapters/server.ts'

/** The number of honest documents to choose from. */
export const HONEST_DOCUMENTS = 24
/** The number of edits of an honest document, which is small because each input builds it again. */
const EDITS = { least: 4, most: 15 } as const

export interface HonestDocument {
  /** The rows that three honest writers stored. */
  readonly updates: readonly Uint8Array[]
  /** The same rows as one update. */
  readonly whole: Uint8Array
}

const made = new Map<number, HonestDocument>()

/** Makes an honest document with all kinds of content. The same number gives the same document. */
export function honestDocument(number: number): HonestDocument {
  const which = number % HONEST_DOCUMENTS
  let document = made.get(which)
  if (document === undefined) {
    const steps = EDITS.least + (which % (EDITS.most - EDITS.least + 1))
    const { updates, docs } = randomDocument(which + 1, steps)
    for (const doc of docs) doc.destroy()
    document = { updates, whole: Y.mergeUpdates([...updates]) }
    made.set(which, document)
  }
  return document
}
