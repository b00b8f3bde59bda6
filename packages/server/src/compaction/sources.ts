import type { FoldSources } from 'y-electric/protocol'
import type { StoredSources } from '../store/index.ts'
import { unpackRows } from '../store/packed-rows.ts'

/** What a fold is made of, as it was stored or with its rows one by one. */
export type Sources =
  | (FoldSources & {
      /** How many structs they hold, if that is known. */
      readonly structs?: number
    })
  | StoredSources

/** The sources with their rows one by one. */
export const unpackSources = ({ previous, rows }: Sources): FoldSources => ({
  previous,
  rows: 'count' in rows ? unpackRows(rows) : rows,
})

/**
 * A struct weighs at least this many bytes when it is decided where work is done: a snapshot row of 36
 * bytes may hold 300,000 structs.
 */
const BYTES_PER_STRUCT = 32

/** What some bytes weigh that hold so many structs. */
export const weightOf = (bytes: number, structs: number): number =>
  Math.max(bytes, structs * BYTES_PER_STRUCT)

/** What the sources weigh: their stored bytes, or more if these hold many structs. */
export function sizeOfSources({ previous, rows, structs = 0 }: Sources): number {
  const bytes =
    'count' in rows
      ? rows.data.byteLength
      : rows.reduce((sum, { data }) => sum + data.byteLength, 0)
  return weightOf(bytes + (previous?.byteLength ?? 0), structs)
}
