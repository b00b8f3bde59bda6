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

/** More than any limit of what is done on the event loop. */
export const IN_WORKER = Number.POSITIVE_INFINITY

/**
 * What it may take to build the document, in bytes of update rows. A snapshot row (Yjs v2) can hold any
 * number of structs in a few bytes, so that its size says nothing: it is left to a worker.
 */
export const effortOf = (sources: Sources): number =>
  sources.previous === null ? sizeOfSources(sources) : IN_WORKER

/** Buffers that are smaller are copied: that costs less than the bookkeeping. */
const MIN_TRANSFER_BYTES = 256 * 1024

/**
 * The large buffers that a worker can take over from these byte strings. Only buffers of their own:
 * taking one over takes away everything that is in it.
 */
export const transferable = (...parts: readonly (Uint8Array | null)[]): ArrayBuffer[] => [
  ...new Set(
    parts.flatMap((part) =>
      part !== null &&
      part.byteLength >= MIN_TRANSFER_BYTES &&
      part.buffer instanceof ArrayBuffer &&
      part.byteLength === part.buffer.byteLength
        ? [part.buffer]
        : [],
    ),
  ),
]

/** The large buffers of the sources; they must not be used after they were handed over. */
export const transferableOf = ({ previous, rows }: Sources): ArrayBuffer[] =>
  transferable(previous, 'count' in rows ? rows.data : null)
