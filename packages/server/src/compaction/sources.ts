import type { FoldSources } from 'y-electric/protocol'
import type { StoredSources } from '../store/index.ts'
import { unpackRows } from '../store/packed-rows.ts'

/** The parts of a fold, as they were stored or with the rows one by one. */
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

/** The weight of bytes that hold so many structs. */
export const weightOf = (bytes: number, structs: number): number =>
  Math.max(bytes, structs * BYTES_PER_STRUCT)

/** More than any limit of what is done on the event loop. */
export const IN_WORKER = Number.POSITIVE_INFINITY

/**
 * The effort of building the document: its stored bytes, or more if these hold many structs. A
 * snapshot row (Yjs v2) of a few bytes can hold any number of structs, so one that was not counted is
 * left to a worker.
 */
export function effortOf({ previous, rows, structs }: Sources): number {
  if (previous !== null && structs === undefined) return IN_WORKER
  const bytes =
    'count' in rows
      ? rows.data.byteLength
      : rows.reduce((sum, { data }) => sum + data.byteLength, 0)
  return weightOf(bytes + (previous?.byteLength ?? 0), structs ?? 0)
}

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
