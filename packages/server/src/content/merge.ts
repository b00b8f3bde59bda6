import { encodeFold, type UpdateRow } from 'y-electric/protocol'
import * as Y from 'yjs'

/** The content of rows as one update. */
export interface MergedContent {
  /** Yjs v1. */
  readonly data: Uint8Array
  /** The seqs of rows whose content is not in it: they cannot be used, or wait for missing edits. */
  readonly carried: readonly number[]
}

/**
 * Merges the rows of a document that has no snapshot row, as a fold does.
 * @param keepHistory whether the document keeps deleted content
 */
export function mergeRows(rows: readonly UpdateRow[], keepHistory: boolean): MergedContent {
  const { snapshot, carried } = encodeFold({ previous: null, rows }, !keepHistory)
  return { data: Y.convertUpdateFormatV2ToV1(snapshot), carried: carried.map(({ seq }) => seq) }
}
