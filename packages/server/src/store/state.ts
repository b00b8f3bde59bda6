import type pg from 'pg'
import type { StoredState } from 'y-electric/protocol'
import { deletedError } from './deleted.ts'
import { type ReadOptions, readDocument } from './document.ts'
import { type PackedRows, unpackRows } from './packed-rows.ts'

/** A document's state with its rows packed, as they were read. */
export interface PackedState extends Omit<StoredState, 'rows'> {
  readonly rows: PackedRows
}

const NO_BYTES = new Uint8Array()

const EMPTY: PackedState = {
  activeSegment: 0,
  snapshot: null,
  rows: {
    count: 0,
    seqs: NO_BYTES,
    segments: NO_BYTES,
    lengths: NO_BYTES,
    batchIds: NO_BYTES,
    data: [],
  },
  keepHistory: false,
}

/**
 * Reads a document's state. A document that was never written is empty, with segment 0 active.
 * @param knownSnapshot the seq of a snapshot row that the reader already has: its bytes are omitted
 * @throws {RequestError} deleted, document_too_large
 */
export async function readPackedState(
  pool: pg.Pool,
  docId: string,
  knownSnapshot: number | null,
  options: ReadOptions = {},
): Promise<PackedState> {
  const read = await readDocument(pool, docId, { kind: 'after-snapshot' }, knownSnapshot, options)
  if (read === null) return EMPTY
  if (read.deletedAt !== null) throw deletedError()
  const { activeSegment, snapshot, rows, keepHistory } = read
  return { activeSegment, snapshot, rows, keepHistory }
}

/** The same, with its rows unpacked. @throws {RequestError} deleted, document_too_large */
export async function readState(
  pool: pg.Pool,
  docId: string,
  knownSnapshot: number | null,
  options: ReadOptions = {},
): Promise<StoredState> {
  const state = await readPackedState(pool, docId, knownSnapshot, options)
  return { ...state, rows: unpackRows(state.rows) }
}
