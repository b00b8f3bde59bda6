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
 * The verdict when a proposal is byte for byte what the stored rows make; null when it is not.
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
 * Builds the document from the stored rows and compares the proposed one with it. Takes as long as
 * the document is large, or claims to be: `verifier.ts` runs it in a worker.
 *
 * For a document that keeps its history, a proposal without the history (from a client that does not know)
 * is as good as one with it: this server makes the stored snapshot from the stored rows.
 * @param keepHistory whether the document keeps deleted content
 */
export function verifyFold(
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
 * The proposed document, if it is the one that the stored rows make; or how it differs.
 * @param full what the rows make, with everything kept; it is not changed
 * @param collect gives the same with garbage collected; it is not changed either
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

/** The proposed document as it stands in the bytes, nothing collected; or what is wrong with them. */
function readProposal(proposal: Uint8Array, maxStructs: number): Y.Doc | string {
  const doc = new Y.Doc({ guid: 'proposal', gc: false })
  guardMapEntries(doc)
  try {
    const { problem } = readSnapshotRow(proposal, { maxStructs })
    if (problem !== null) return `the snapshot holds what nobody applies: ${problem}`
    doc.transact(() => Y.applyUpdateV2(doc, proposal))
  } catch (error) {
    return `the bytes are not a snapshot: ${(error as Error).message}`
  }
  return doc.store.pendingStructs === null && doc.store.pendingDs === null
    ? doc
    : 'the snapshot waits for edits that it does not hold'
}

/**
 * How many times the structs of the document that the stored rows make a proposal may hold. An honest
 * one has about as many, and a hostile one of 36 bytes any number.
 */
const MOST_TIMES_STRUCTS = 4

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(b)
