import * as Y from 'yjs'
import { buildRows, type FoldSources } from './building.ts'
import { type ContentIds, contains } from './id-ranges.ts'
import type { UpdateRow } from './state-frames.ts'
import { readRow } from './stored-row.ts'
import { contentOfDoc, contentOfUpdate } from './update-decoding.ts'

/** The document built from the sources, and the rows that are not entirely in it. */
export interface FoldedDoc {
  /** It has no pending updates. The caller destroys it. */
  readonly doc: Y.Doc
  /**
   * Rows that wait for edits not stored yet, and bad rows: they are carried over into the active
   * segment, never folded.
   */
  readonly carried: readonly UpdateRow[]
}

/**
 * Builds the document for a snapshot row from stored rows alone. A live document would not do: it
 * holds unacked edits and may lack rows.
 * @param gc false keeps deleted content
 * @param maxTries as in `buildRows`
 * @throws {UnreadableSnapshotError} if the previous snapshot row cannot be read
 */
export function foldRows(sources: FoldSources, gc: boolean, maxTries?: number): FoldedDoc {
  return foldProving(sources, gc, () => {}, maxTries)
}

/** The result of a fold, as the bytes of a snapshot row (Yjs v2). */
export interface Fold {
  readonly snapshot: Uint8Array
  readonly carried: readonly UpdateRow[]
}

/**
 * The result of `foldRows` as a snapshot row. A row that cannot be encoded with the others is
 * carried over.
 */
export function encodeFold(sources: FoldSources, gc: boolean, maxTries?: number): Fold {
  let snapshot: Uint8Array = new Uint8Array()
  const prove = (folded: Y.Doc): void => {
    snapshot = Y.encodeStateAsUpdateV2(folded)
  }
  const { doc, carried } = foldProving(sources, gc, prove, maxTries)
  doc.destroy()
  return { snapshot, carried }
}

/** The bytes of a snapshot row (Yjs v2) with the result of `foldRows`. */
export const foldToSnapshot = (sources: FoldSources, gc: boolean, maxTries?: number): Uint8Array =>
  encodeFold(sources, gc, maxTries).snapshot

function foldProving(
  { previous, rows }: FoldSources,
  gc: boolean,
  prove: (doc: Y.Doc) => void,
  maxTries?: number,
): FoldedDoc {
  const contents = new Map<UpdateRow, ContentIds>()
  for (const row of rows) {
    const content = contentOf(row)
    if (content !== null) contents.set(row, content)
  }
  let isWhole = true
  const proveSettled = (built: Y.Doc): void => {
    isWhole = built.store.pendingStructs === null && built.store.pendingDs === null
    built.store.pendingStructs = null
    built.store.pendingDs = null
    prove(built)
  }
  const readable = { previous, rows: [...contents.keys()] }
  const { doc, culprits } = buildRows(readable, gc, proveSettled, maxTries)
  for (const row of culprits) contents.delete(row)
  if (isWhole) return { doc, carried: rows.filter((row) => !contents.has(row)) }

  const integrated = contentOfDoc(doc)
  return { doc, carried: rows.filter((row) => !isContained(contents.get(row), integrated)) }
}

function contentOf({ data }: UpdateRow): ContentIds | null {
  try {
    return contentOfUpdate(readRow(data))
  } catch {
    return null
  }
}

const isContained = (content: ContentIds | undefined, inside: ContentIds): boolean =>
  content !== undefined && contains(inside, content)
