import * as Y from 'yjs'
import { randomDocument } from '../adapters/server.ts'

/** How many honest documents there are to choose from. */
export const HONEST_DOCUMENTS = 24
/** How many edits an honest document has: few, since each input builds it again. */
const EDITS = { least: 4, most: 15 } as const

export interface HonestDocument {
  /** The rows that three honest writers stored. */
  readonly updates: readonly Uint8Array[]
  /** The same as one update. */
  readonly whole: Uint8Array
}

const made = new Map<number, HonestDocument>()

/** One of the honest documents, of all kinds of content; always the same for the same number. */
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
