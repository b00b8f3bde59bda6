import {
  decodeSnapshot,
  decodeUpdate,
  type FoldSources,
  guardMapEntries,
  mergeUpdates,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { RequestError } from '../errors.ts'

/** The document that stored rows make. */
export interface BuiltDocument {
  /** Holds what waits, too. The caller destroys it. */
  readonly doc: Y.Doc
  /** Rows that were left out because they cannot be read. */
  readonly unreadableRows: number
}

/**
 * Builds the document from its snapshot row and the update rows after it. A row that cannot be read
 * hides none of the others (rule 7).
 * @param gc false keeps deleted content
 * @throws {RequestError} `corrupt`, when the snapshot row cannot be read: most of the document is there
 */
export function buildDocument({ previous, rows }: FoldSources, gc: boolean): BuiltDocument {
  const readable = rows.map(({ data }) => data).filter(isReadable)
  const doc = new Y.Doc({ gc })
  guardMapEntries(doc)
  try {
    // One transaction: Yjs would otherwise tidy up formatting marks between two rows, an edit.
    doc.transact(() => {
      if (previous !== null) applySnapshot(doc, previous)
      if (readable.length > 0) Y.applyUpdate(doc, mergeUpdates(readable))
    })
    return { doc, unreadableRows: rows.length - readable.length }
  } catch (error) {
    doc.destroy()
    throw error
  }
}

function isReadable(data: Uint8Array): boolean {
  try {
    decodeUpdate(data)
    return true
  } catch {
    return false
  }
}

function applySnapshot(doc: Y.Doc, snapshot: Uint8Array): void {
  try {
    decodeSnapshot(snapshot)
    Y.applyUpdateV2(doc, snapshot)
  } catch (cause) {
    throw new RequestError(
      'corrupt',
      `the newest snapshot row cannot be read (${(cause as Error).message}): run verify`,
      { cause },
    )
  }
}
