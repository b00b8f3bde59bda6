import { randomDocument } from '../adapters/server.ts'

/** How many honest documents there are to choose from. */
export const HONEST_DOCUMENTS = 24

export interface HonestDocument {
  /** The rows that three honest writers stored. */
  readonly updates: readonly Uint8Array[]
}

const made = new Map<number, HonestDocument>()

/** One of the honest documents, of all kinds of content; always the same for the same number. */
export function honestDocument(number: number): HonestDocument {
  const which = number % HONEST_DOCUMENTS
  let document = made.get(which)
  if (document === undefined) {
    const { updates, docs } = randomDocument(which + 1, 6 + which)
    for (const doc of docs) doc.destroy()
    document = { updates }
    made.set(which, document)
  }
  return document
}
