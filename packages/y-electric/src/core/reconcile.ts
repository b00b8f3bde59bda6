import * as Y from 'yjs'
import { isEmptyIds, subtractIds, unionContent } from '../protocol/id-ranges.ts'
import type { State } from '../protocol/state-frames.ts'
import { contentOfDoc, contentOfUpdate, decodeUpdate, fromV2 } from '../protocol/update-decoding.ts'
import { diffUpdate } from '../protocol/update-encoding.ts'

/**
 * What a document holds and the server lacks, as one update; null when that is nothing (rule 10).
 *
 * Compared are ids of structs *and* of deletes: a state vector knows no deletes, and an update made
 * from one would carry the whole delete set again at every start.
 * @param state what the server holds
 * @param sending updates that are on their way there anyway
 */
export function missingOnServer(
  doc: Y.Doc,
  state: State,
  sending: readonly Uint8Array[],
): Uint8Array | null {
  const mine = contentOfDoc(doc)
  if (isEmptyIds(mine.structs) && isEmptyIds(mine.deletes)) return null
  const known = unionContent([
    ...(state.snapshot?.data ? [contentOfUpdate(fromV2(state.snapshot.data))] : []),
    ...state.rows.flatMap(({ data }) => readable(data)),
    ...sending.flatMap(readable),
  ])
  const lacks =
    !isEmptyIds(subtractIds(mine.structs, known.structs)) ||
    !isEmptyIds(subtractIds(mine.deletes, known.deletes))
  return lacks ? diffUpdate(Y.encodeStateAsUpdate(doc), known) : null
}

/** A row that cannot be read brings nothing: what it should have brought is sent again. */
function readable(update: Uint8Array) {
  try {
    return [contentOfUpdate(decodeUpdate(update))]
  } catch {
    return []
  }
}
