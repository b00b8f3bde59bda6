// What is asked of every accepted update, in less than a millisecond.
import { applyRow, guardMapEntries } from 'y-electric/protocol'
import * as Y from 'yjs'
import { judge } from '../adapters/judge.ts'
import { writeContent } from '../adapters/server.ts'
import { Finding } from '../engine/target.ts'
import { toHex } from '../generators/bytes.ts'
import { areTwins } from './twins.ts'

/** A row that is stored, and the update that it came as. */
export interface AcceptedRow {
  readonly row: Uint8Array
  readonly given: Uint8Array
}

/**
 * Rows that are stored in another way than they came are accepted as they are stored. A follower takes all
 * rows; the document that it then has can be shown, and says the same in either format.
 * @param honest the honest document, as one update
 * @throws {Finding}
 */
export function checkQuickly(honest: Uint8Array, hostile: readonly AcceptedRow[]): void {
  for (const { row, given } of hostile) {
    if (row === given) continue
    const again = judge(row)
    if (again.row !== null && isSame(again.row, row)) continue
    throw new Finding('a stored row is judged in another way', `${again.code}: ${toHex(row)}`)
  }
  const [joined, fromV1, fromV2] = [openDoc(), openDoc(), openDoc()]
  try {
    Y.applyUpdate(joined, honest)
    for (const { row } of hostile) applyRow(joined, row)
    writeContent(joined, 'json')
    Y.applyUpdate(fromV1, Y.encodeStateAsUpdate(joined))
    Y.applyUpdateV2(fromV2, Y.encodeStateAsUpdateV2(joined))
    const isWhole = isSame(Y.encodeStateVector(fromV1), Y.encodeStateVector(joined))
    // Of two contents under one id a document has the first that it read.
    if (
      !isWhole &&
      !areTwins(
        [honest],
        hostile.map(({ row }) => row),
      )
    ) {
      throw new Finding(
        'a document that was read again lacks edits',
        toHex(Y.encodeStateVector(joined)),
      )
    }
    // Compared in v1, in which minus zero is zero, as in all JSON: nobody sees the difference.
    if (!isSame(Y.encodeStateAsUpdate(fromV1), Y.encodeStateAsUpdate(fromV2))) {
      throw new Finding('v1 and v2 are not the same document', JSON.stringify(fromV2))
    }
  } finally {
    for (const doc of [joined, fromV1, fromV2]) doc.destroy()
  }
}

/** A random guid would cost more than the rest of a small document. */
function openDoc(): Y.Doc {
  const doc = new Y.Doc({ guid: 'fuzzed' })
  guardMapEntries(doc)
  return doc
}

/** True for the same bytes. */
export const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  Buffer.compare(one, other) === 0
