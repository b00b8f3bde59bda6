import * as Y from 'yjs'
import { applyRow } from '../protocol/applying.ts'
import { foldRows } from '../protocol/fold.ts'
import { type ContentIds, contains, isEmptyIds, unionContent } from '../protocol/id-ranges.ts'
import type { State } from '../protocol/state-frames.ts'
import {
  contentOfDoc,
  contentOfUpdate,
  type DecodedUpdate,
  decodeOwnUpdate,
  decodeUpdate,
  fromV2,
} from '../protocol/update-decoding.ts'
import { diffUpdate, mergeUpdates } from '../protocol/update-encoding.ts'

/**
 * The edits that a document holds and the server lacks, as one update; null if there are none (SYNC-2).
 *
 * It compares the ids of structs *and* of deletes: a state vector contains no deletes, and an
 * update made from one would carry the whole delete set at every start.
 * @param state what the server holds
 * @param sending updates that are already being sent
 * @param originals updates of other writers that the document contains. Their content is sent as it was
 *   written: the document may have deleted it since, and deleted content that arrives before the content itself
 *   cannot be told from that of another writer with the same client id
 * @param fold builds the document from all rows at once, or fails
 */
export function missingOnServer(
  doc: Y.Doc,
  state: State,
  sending: readonly Uint8Array[],
  originals: readonly Uint8Array[] = [],
  fold: typeof foldRows = foldRows,
): Uint8Array | null {
  const mine = contentOfDoc(doc)
  if (isEmptyIds(mine.structs) && isEmptyIds(mine.deletes)) return null
  const named = unionContent([
    ...(state.snapshot?.data ? [contentOfUpdate(fromV2(state.snapshot.data))] : []),
    ...state.rows.flatMap(({ data }) => readable(data, decodeUpdate)),
    ...sending.flatMap((update) => readable(update, decodeOwnUpdate)),
  ])
  if (contains(named, mine)) return null
  // Some deletes are in no update: of two values set under one key at the same time, every
  // document deletes one itself. Only a document built from everything knows them.
  const known = unionContent([named, impliedBy(state, sending, fold)])
  if (contains(known, mine)) return null
  const written = originals.filter((update) => readable(update, decodeOwnUpdate).length > 0)
  return diffUpdate(mergeUpdates([...written, Y.encodeStateAsUpdate(doc)]), known)
}

function impliedBy(
  state: State,
  sending: readonly Uint8Array[],
  fold: typeof foldRows,
): ContentIds {
  const doc = buildQuickly(state, sending, fold)
  const content = contentOfDoc(doc)
  doc.destroy()
  return content
}

/**
 * Builds the document in a bounded time, since this runs where people type: each row is applied at most
 * twice. If Yjs cannot use the rows together, they are applied one by one as the provider applies them,
 * instead of searching for the rows that cause it.
 */
function buildQuickly(
  { snapshot, rows }: State,
  sending: readonly Uint8Array[],
  fold: typeof foldRows,
): Y.Doc {
  const updates = [...rows.map(({ data }) => data), ...sending]
  const previous = snapshot?.data ?? null
  try {
    const numbered = updates.map((data, seq) => ({ seq, segment: 0, data }))
    return fold({ previous, rows: numbered }, true, 0).doc
  } catch {
    const doc = new Y.Doc({ guid: 'built' })
    if (previous !== null) Y.applyUpdateV2(doc, previous)
    for (const update of updates) {
      try {
        applyRow(doc, update)
      } catch {
        // The provider has reported it.
      }
    }
    return doc
  }
}

/** Nothing for an unreadable update: if it is a row, its content is sent again. */
function readable(update: Uint8Array, decode: (update: Uint8Array) => DecodedUpdate) {
  try {
    return [contentOfUpdate(decode(update))]
  } catch {
    return []
  }
}
