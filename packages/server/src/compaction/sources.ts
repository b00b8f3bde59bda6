import type { FoldSources } from 'y-electric/protocol'
import type { StoredSources } from '../store/index.ts'
import { bytesOf, unpackRows } from '../store/packed-rows.ts'

/** The inputs of a fold, with the rows packed as they were stored or one by one. */
export type Sources =
  | (FoldSources & {
      /** How many structs they hold, if known. */
      readonly structs?: number
    })
  | StoredSources

/** The sources with their rows unpacked. */
export const unpackSources = ({ previous, rows }: Sources): FoldSources => ({
  previous,
  rows: 'count' in rows ? unpackRows(rows) : rows,
})

/**
 * A struct counts as at least this many bytes when the server decides where a job runs: a snapshot row
 * of 36 bytes may hold 300,000 structs.
 */
const BYTES_PER_STRUCT = 32

/** The weight of bytes that hold this many structs. */
export const weightOf = (bytes: number, structs: number): number =>
  Math.max(bytes, structs * BYTES_PER_STRUCT)

/** A weight above every limit of the event loop. */
export const IN_WORKER = Number.POSITIVE_INFINITY

/**
 * The effort of building the document: its stored bytes, or more if these hold many structs. A
 * snapshot row (Yjs v2) of a few bytes can hold any number of structs, so a row without a count is
 * left to a worker.
 */
export function effortOf({ previous, rows, structs }: Sources): number {
  if (previous !== null && structs === undefined) return IN_WORKER
  const bytes =
    'count' in rows ? bytesOf(rows.data) : rows.reduce((sum, { data }) => sum + data.byteLength, 0)
  return weightOf(bytes + (previous?.byteLength ?? 0), structs ?? 0)
}

/** Smaller buffers are copied: that costs less than the bookkeeping. */
const MIN_TRANSFER_BYTES = 16 * 1024

/**
 * The large buffers of these byte strings that can be transferred to a worker. Only arrays that fill their
 * buffer: a transfer takes away everything that the buffer holds.
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

/** The large buffers of the sources; they must not be used after the transfer. */
export const transferableOf = ({ previous, rows }: Sources): ArrayBuffer[] =>
  transferable(previous, ...('count' in rows ? rows.data : []))
