import type { FoldSources } from 'y-electric/protocol'
import type { StoredSources } from '../store/index.ts'
import { unpackRows } from '../store/packed-rows.ts'

/** What a fold is made of, as it was stored or with its rows one by one. */
export type Sources = FoldSources | StoredSources

/** The sources with their rows one by one. */
export const unpackSources = ({ previous, rows }: Sources): FoldSources => ({
  previous,
  rows: 'count' in rows ? unpackRows(rows) : rows,
})

/** Stored bytes of the sources. */
export function sizeOfSources({ previous, rows }: Sources): number {
  const bytes =
    'count' in rows
      ? rows.data.byteLength
      : rows.reduce((sum, { data }) => sum + data.byteLength, 0)
  return bytes + (previous?.byteLength ?? 0)
}
