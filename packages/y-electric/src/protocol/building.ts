import * as Y from 'yjs'
import { applyRow } from './applying.ts'
import { findCulprits, MAX_TRIES } from './culprits.ts'
import { guardMapEntries } from './map-entries.ts'
import { readSnapshotRow } from './snapshot-row.ts'
import type { UpdateRow } from './state-frames.ts'
import { mergeUpdates } from './update-encoding.ts'

/**
 * The input of a fold: the previous snapshot row's bytes (Yjs v2), and the rows of sealed segments.
 */
export interface FoldSources {
  readonly previous: Uint8Array | null
  readonly rows: readonly UpdateRow[]
}

/** The document built from rows. */
export interface BuiltRows {
  /** The caller destroys it. */
  readonly doc: Y.Doc
  /**
   * Sound rows that are not in the document, because Yjs throws at them together with the others.
   */
  readonly culprits: ReadonlySet<UpdateRow>
}

/**
 * Builds a document from a snapshot row and sound update rows.
 *
 * It merges the rows and applies them as one update: the time is linear whatever order they were
 * stored in (Yjs itself is quadratic for updates that come before those they depend on). One
 * transaction on a fresh document also prevents Yjs from cleaning up formatting marks, which would
 * be an edit.
 * @param gc false keeps deleted content
 * @param prove throws if the document cannot be used; the rows that cause it are then left out
 * @param maxTries how often the document may be built again to find them; each time costs as much as the
 * document, so 0 is for callers that must not block
 * @throws {UnreadableSnapshotError} if the snapshot row cannot be read
 * @throws what Yjs throws, if there are too many such rows
 * @throws what `prove` throws for every choice of rows
 */
export function buildRows(
  { previous, rows }: FoldSources,
  gc: boolean,
  prove: (doc: Y.Doc) => void = () => {},
  maxTries = MAX_TRIES,
): BuiltRows {
  const snapshot = previous === null ? null : readSnapshotRow(previous).data
  const build = (some: readonly UpdateRow[]): Y.Doc => {
    try {
      return buildOnce(snapshot, some, gc, prove)
    } catch (error) {
      if (!gc) throw error
      // Yjs throws when it collects the garbage of some types. Their content is the same without
      // it.
      return buildOnce(snapshot, some, false, prove)
    }
  }
  try {
    return { doc: build(rows), culprits: new Set() }
  } catch (error) {
    const works = (some: readonly UpdateRow[]): boolean => {
      try {
        build(some).destroy()
        return true
      } catch {
        return false
      }
    }
    const culprits = findCulprits(rows, works, maxTries)
    if (culprits === null) throw error
    return { doc: build(rows.filter((row) => !culprits.has(row))), culprits }
  }
}

function buildOnce(
  snapshot: Uint8Array | null,
  rows: readonly UpdateRow[],
  gc: boolean,
  prove: (doc: Y.Doc) => void,
): Y.Doc {
  // For a small document, Yjs needs longer for a random guid than for everything else.
  const doc = new Y.Doc({ guid: 'built', gc })
  guardMapEntries(doc)
  try {
    doc.transact(() => {
      if (snapshot !== null) Y.applyUpdateV2(doc, snapshot)
      if (rows.length > 0) applyRow(doc, mergeUpdates(rows.map(({ data }) => data)))
    })
    prove(doc)
    return doc
  } catch (error) {
    doc.destroy()
    throw error
  }
}
