import * as Y from 'yjs'
import { type ContentIds, isEmptyIds, subtractIds } from './id-ranges.ts'
import { guardMapEntries } from './map-entries.ts'
import type { UpdateRow } from './state-frames.ts'
import { contentOfDoc, contentOfUpdate, decodeUpdate } from './update-decoding.ts'
import { mergeUpdates } from './update-encoding.ts'

/** What a fold is made of: the previous snapshot row's bytes (Yjs v2), and the rows of sealed segments. */
export interface FoldSources {
  readonly previous: Uint8Array | null
  readonly rows: readonly UpdateRow[]
}

/** The document that the sources make, and the rows that are not wholly in it. */
export interface FoldedDoc {
  /** Holds nothing that waits. The caller destroys it. */
  readonly doc: Y.Doc
  /**
   * Rows that wait for edits not stored yet, or that nobody can read: they are carried into the
   * active segment, never folded.
   */
  readonly carried: readonly UpdateRow[]
}

/**
 * Builds the document that a snapshot row must be, from stored rows alone. Never from a live
 * document: that holds unacked edits, and may lack rows.
 *
 * The rows are merged first and applied as one: whatever order they were stored in, the time is
 * linear (Yjs itself is quadratic in updates that come before what they build on). One transaction on
 * a fresh document also keeps Yjs from cleaning up formatting marks, which would be an edit.
 * @param gc false keeps deleted content
 */
export function foldRows({ previous, rows }: FoldSources, gc: boolean): FoldedDoc {
  const contents = new Map<UpdateRow, ContentIds>()
  for (const row of rows) {
    const content = contentOf(row)
    if (content !== null) contents.set(row, content)
  }
  const doc = new Y.Doc({ gc })
  guardMapEntries(doc)
  doc.transact(() => {
    if (previous !== null) Y.applyUpdateV2(doc, previous)
    const readable = [...contents.keys()].map(({ data }) => data)
    if (readable.length > 0) Y.applyUpdate(doc, mergeUpdates(readable))
  })
  const isWhole = doc.store.pendingStructs === null && doc.store.pendingDs === null
  doc.store.pendingStructs = null
  doc.store.pendingDs = null
  if (isWhole) return { doc, carried: rows.filter((row) => !contents.has(row)) }

  const integrated = contentOfDoc(doc)
  return { doc, carried: rows.filter((row) => !isContained(contents.get(row), integrated)) }
}

/** What `foldRows` makes, as the bytes of a snapshot row (Yjs v2). */
export function foldToSnapshot(sources: FoldSources, gc: boolean): Uint8Array {
  const { doc } = foldRows(sources, gc)
  const snapshot = Y.encodeStateAsUpdateV2(doc)
  doc.destroy()
  return snapshot
}

function contentOf({ data }: UpdateRow): ContentIds | null {
  try {
    return contentOfUpdate(decodeUpdate(data))
  } catch {
    return null
  }
}

const isContained = (content: ContentIds | undefined, inside: ContentIds): boolean =>
  content !== undefined &&
  isEmptyIds(subtractIds(content.structs, inside.structs)) &&
  isEmptyIds(subtractIds(content.deletes, inside.deletes))
