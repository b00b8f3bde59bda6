import {
  applyRow,
  contentOfDoc,
  contentOfUpdate,
  decodeUpdate,
  diffUpdate,
  type IdRanges,
  isSoundRow,
  readSnapshotRow,
  salvageRow,
  subtractIds,
} from 'y-electric/protocol'
import type * as Y from 'yjs'
import { buildDocument } from '../build.ts'
import { idsOfRanges, pendingOf } from '../pending.ts'
import type { StoredDocument } from './rows.ts'

/** An update that takes the place of a row that is set aside. */
export interface Replacement {
  readonly seq: number
  readonly data: Uint8Array
}

/** The bytes of a snapshot row without the part that nobody uses. The row can be read. */
export const mendSnapshot = (data: Uint8Array): Uint8Array => readSnapshotRow(data).data

/**
 * The sound parts of bad rows for which other rows wait, as updates to append. Parts of other bad rows are
 * not brought back: nobody has ever seen them.
 */
export function salvageRows({
  snapshot,
  rows,
}: Pick<StoredDocument, 'snapshot' | 'rows'>): Replacement[] {
  const folded = snapshot?.throughSegment ?? -1
  const live = rows.filter(({ segment, data }) => segment > folded && data.byteLength > 0)
  let bad = live.flatMap(({ seq, data }) => {
    const saved = isSoundRow(data) ? null : salvageRow(data)
    return saved === null ? [] : [{ seq, saved }]
  })
  if (bad.length === 0) return []
  const { doc } = buildDocument({ previous: snapshot?.data ?? null, rows: live }, false)
  const replacements: Replacement[] = []
  try {
    for (;;) {
      // The saved part of one row may wait for another row.
      const next = bad.find(({ saved }) => isWaitedFor(doc, saved))
      if (next === undefined) return replacements
      bad = bad.filter((row) => row !== next)
      const data = diffUpdate(next.saved, contentOfDoc(doc))
      if (data === null) continue
      applyRow(doc, data)
      replacements.push({ seq: next.seq, data })
    }
  } finally {
    doc.destroy()
  }
}

function isWaitedFor(doc: Y.Doc, update: Uint8Array): boolean {
  const missing: IdRanges = idsOfRanges(pendingOf(doc)?.waitsFor ?? [])
  const { structs } = contentOfUpdate(decodeUpdate(update))
  const still = subtractIds(missing, structs)
  return sizeOf(still) < sizeOf(missing)
}

const sizeOf = (ids: IdRanges): number =>
  [...ids.clients.values()].flat().reduce((sum, { len }) => sum + len, 0)
