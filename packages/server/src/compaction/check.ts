import {
  countStructs,
  encodeFold,
  type FoldedDoc,
  type FoldSources,
  foldRows,
  guardMapEntries,
  readSnapshotRow,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { readingSnapshots } from '../content/readable.ts'
import type { Verdict } from '../store/index.ts'
import { findDifference } from './compare.ts'

/**
 * The verdict when a proposal equals the server's own fold byte for byte; null when it does not.
 * @throws {RequestError} `corrupt`, if the previous snapshot row cannot be read
 * @param keepHistory whether the document keeps deleted content
 */
export function isOwnFold(
  sources: FoldSources,
  proposal: Uint8Array,
  keepHistory = false,
): Verdict | null {
  const { snapshot, carried } = readingSnapshots(() => encodeFold(sources, !keepHistory))
  return equalBytes(snapshot, proposal) ? sameAs(snapshot, carried) : null
}

/**
 * Builds the document from the stored rows and compares the proposed one with it. The time depends on the
 * size of the document, real or claimed: `documents/check-proposal.ts` runs it in a worker.
 *
 * For a document that keeps its history, a proposal without the history (from a client that does not know
 * the setting) is as good as one with it: the server makes the stored snapshot from the stored rows.
 * @param keepHistory whether the document keeps deleted content
 */
export function checkFold(
  sources: FoldSources,
  proposal: Uint8Array,
  keepHistory = false,
): Verdict {
  // The usual case: the same rows, the same code, the same bytes.
  const same = isOwnFold(sources, proposal, keepHistory)
  if (same !== null) return same
  const { doc: full } = foldRows(sources, false)
  let carried: FoldedDoc['carried'] = []
  const collect = () => {
    const collected = foldRows(sources, true)
    carried = collected.carried
    return collected.doc
  }
  const proposed = judgeProposal(full, collect, proposal)
  if (typeof proposed === 'string') return { type: 'different', difference: proposed }
  return sameAs(Y.encodeStateAsUpdateV2(keepHistory ? full : proposed), carried)
}

const sameAs = (snapshot: Uint8Array, carried: readonly { readonly seq: number }[]): Verdict => ({
  type: 'same',
  snapshot,
  structs: countStructs(snapshot),
  carried: carried.map(({ seq }) => seq),
})

/**
 * The proposed document if it equals the document of the stored rows; otherwise the difference.
 * @param full the document of the rows with everything kept; it is not changed
 * @param collect returns the same document with garbage collected; it is not changed either
 */
export function judgeProposal(
  full: Y.Doc,
  collect: () => Y.Doc,
  proposal: Uint8Array,
): Y.Doc | string {
  const most = MOST_TIMES_STRUCTS * (countStructs(Y.encodeStateAsUpdateV2(full)) + 1)
  const proposed = readProposal(proposal, most)
  if (typeof proposed === 'string') return proposed
  return findDifference({ full, collected: collect() }, proposed) ?? proposed
}

/** The proposed document as it is in the bytes, without garbage collection; or what is wrong with the bytes. */
function readProposal(proposal: Uint8Array, maxStructs: number): Y.Doc | string {
  const doc = new Y.Doc({ guid: 'proposal', gc: false })
  guardMapEntries(doc)
  try {
    const { problem } = readSnapshotRow(proposal, { maxStructs })
    if (problem !== null) return `the snapshot holds content that no client applies: ${problem}`
    doc.transact(() => Y.applyUpdateV2(doc, proposal))
  } catch (error) {
    return `the bytes are not a snapshot: ${(error as Error).message}`
  }
  return doc.store.pendingStructs === null && doc.store.pendingDs === null
    ? doc
    : 'the snapshot waits for edits that it does not hold'
}

/**
 * How many times the structs of the stored rows' document a proposal may hold. An honest proposal has
 * about as many; a hostile one of 36 bytes can claim any number.
 */
const MOST_TIMES_STRUCTS = 4

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(b)
