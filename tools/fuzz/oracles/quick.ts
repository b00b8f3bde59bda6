// Checks every accepted update in less than a millisecond.
import { applyRow, guardMapEntries } from 'y-electric/protocol'
import * as Y from 'yjs'
import { judge } from '../adapters/judge.ts'
import { writeContent } from '../adapters/server.ts'
import { Finding } from '../engine/target.ts'
import { toHex } from '../generators/bytes.ts'
import { areTwins } from './twins.ts'

/** A stored row, and the update as it was received. */
export interface AcceptedRow {
  readonly row: Uint8Array
  readonly given: Uint8Array
}

/**
 * Checks that the server also accepts a row in its stored form, and that a follower accepts all rows. The
 * resulting document must be readable, and equal in both formats.
 * @param honest the honest document, as one update
 * @throws {Finding}
 */
export function checkQuickly(honest: Uint8Array, hostile: readonly AcceptedRow[]): void {
  for (const { row, given } of hostile) {
    if (row === given) continue
    const again = judge(row)
    if (again.row !== null && isSame(again.row, row)) continue
    throw new Finding(
      'the check of a stored row has another result',
      `${again.code}: ${toHex(row)}`,
    )
  }
  const [joined, fromV1, fromV2] = [openDoc(), openDoc(), openDoc()]
  try {
    Y.applyUpdate(joined, honest)
    for (const { row } of hostile) applyRow(joined, row)
    writeContent(joined, 'json')
    Y.applyUpdate(fromV1, Y.encodeStateAsUpdate(joined))
    Y.applyUpdateV2(fromV2, Y.encodeStateAsUpdateV2(joined))
    const isWhole = isSame(Y.encodeStateVector(fromV1), Y.encodeStateVector(joined))
    // If two rows have different content under one id, a document keeps the content that it reads first.
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
    // The comparison uses v1, which writes minus zero as zero, like JSON. No reader sees that difference.
    if (!isSame(Y.encodeStateAsUpdate(fromV1), Y.encodeStateAsUpdate(fromV2))) {
      throw new Finding('v1 and v2 are not the same document', JSON.stringify(fromV2))
    }
  } finally {
    for (const doc of [joined, fromV1, fromV2]) doc.destroy()
  }
}

/** Opens a document with a fixed guid, since a random one takes longer than the rest of a small document. */
function openDoc(): Y.Doc {
  const doc = new Y.Doc({ guid: 'fuzzed' })
  guardMapEntries(doc)
  return doc
}

/** Whether two byte arrays are equal. */
export const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  Buffer.compare(one, other) === 0
