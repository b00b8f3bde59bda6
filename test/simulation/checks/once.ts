// ACK-3: edits that a page sends again are stored once. This check runs only if a browser has one page at a
// time. Two pages may both send an edit, because neither knows whether the other page is still able to send
// it.
import { decodeUpdate, isSoundRow } from 'y-electric/protocol'
import * as Y from 'yjs'
import type { UpdateRow } from '../database/tables.ts'
import { RuleBroken } from './content.ts'

interface Range {
  readonly client: number
  readonly from: number
  readonly to: number
}

export class OnceRule {
  readonly #ranges = new Map<number, readonly Range[]>()

  /** @param others the other rows that are stored now; a fold takes the ids of its batches with it */
  inserted(row: UpdateRow, others: Iterable<UpdateRow>): void {
    const ranges = rangesOf(row)
    this.#ranges.set(row.seq, ranges)
    for (const { seq, docId } of others) {
      if (seq === row.seq || docId !== row.docId) continue
      const both = this.#ranges
        .get(seq)
        ?.find((there) => ranges.some((here) => overlap(here, there)))
      if (both === undefined) continue
      throw new RuleBroken('ACK-3', `${both.client}:${both.from} is in rows ${seq} and ${row.seq}`)
    }
  }
}

function rangesOf({ data }: UpdateRow): Range[] {
  if (!isSoundRow(data)) return []
  const { structs } = decodeUpdate(data)
  return structs.flatMap((struct) => {
    if (struct instanceof Y.Skip) return []
    const { id, length } = struct
    return [{ client: id.client, from: id.clock, to: id.clock + length }]
  })
}

const overlap = (one: Range, other: Range): boolean =>
  one.client === other.client && one.from < other.to && other.from < one.to
