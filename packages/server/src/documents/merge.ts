import type pg from 'pg'
import { encodeState, type MergedRows } from 'y-electric/protocol'
import type { MergedContent } from '../content/merge.ts'
import type { Limits } from '../limits.ts'
import type { PackedState } from '../store/index.ts'
import { bytesOf, type PackedRows, rowKeys, unpackRows } from '../store/packed-rows.ts'
import { type Asker, inspectionLimits, runLimited } from '../work/limiter.ts'
import { serverWorkers } from '../work/run.ts'
import { runDocumentJob } from './jobs.ts'
import { keepMerged, type MergedOnce, recallMerged } from './merged-cache.ts'

/** Bytes of a row in state besides its data. */
const ROW_BYTES = 6
/** Bytes of a row that is merged. */
const MERGED_ROW_BYTES = 2

/** Rows of more bytes on average are not merged: little of them is overhead that merging could save. */
const MAX_AVERAGE_ROW_BYTES = 1024

/** Merged rows are sent if they take at most this share of the bytes of the rows. */
const MERGED_SHARE = 0.75

/** Content that was merged before is used while the newer rows take at most this share of its bytes. */
const NEW_SHARE = 0.25

export interface MergedState {
  readonly merged: MergedRows
  /** The state frames, with the other rows. */
  readonly rest: Uint8Array
}

/**
 * State with the content of its rows as one update, for a client whose document is empty: a history of many small
 * rows takes several times the bytes of its content. Nothing is stored: a fold does that, when a client proposes it.
 * Rows that cannot be used, or wait for missing edits, stay as they are (READ-1).
 *
 * A joiner never waits for other work: while no inspection may start, it gets the rows.
 * @param asker the work counts as an inspection of this asker
 * @returns the merged rows, and the state with the other rows; null if merging saves too few bytes, or is not possible
 *   now
 * @throws the reason of the asker's signal
 */
export async function mergeState(
  pool: pg.Pool,
  docId: string,
  state: PackedState,
  asker: Asker & { readonly signal: AbortSignal },
  limits: Limits,
): Promise<MergedState | null> {
  const { snapshot, rows } = state
  const bytes = bytesOf(rows.data) + ROW_BYTES * rows.count
  // The rows that compaction leaves after a snapshot row are a fraction of it, and build on it.
  if (snapshot !== null || bytes < limits.minMergedBytes) return null
  if (bytes > MAX_AVERAGE_ROW_BYTES * rows.count) return null
  const known = recallMerged(pool, docId, state)
  if (known !== null && bytesAfter(rows, known.count) <= known.data.byteLength * NEW_SHARE) {
    return ifSmaller(stateWith(state, known), bytes)
  }
  try {
    const content = await mergeNow(pool, state, asker, limits)
    keepMerged(pool, docId, state, content, limits)
    return ifSmaller(stateWith(state, { ...content, count: rows.count }), bytes)
  } catch {
    asker.signal.throwIfAborted()
    // The server is busy, or merging takes too long: the joiner gets the rows as they are.
    return null
  }
}

function mergeNow(
  pool: pg.Pool,
  { rows, keepHistory }: PackedState,
  asker: Asker,
  limits: Limits,
): Promise<MergedContent> {
  const atOnce = { ...inspectionLimits(limits), maxWaiting: 0 }
  const job = { rows, keepHistory }
  return runLimited(pool, 'inspection', asker, atOnce, (signal) =>
    runDocumentJob(serverWorkers, 'mergeRows', job, bytesOf(rows.data), limits, { signal }),
  )
}

/** State with merged content in place of its rows, except those that are not in it. */
function stateWith(
  { rows, activeSegment }: PackedState,
  { data, carried, count }: MergedOnce,
): MergedState {
  const left = new Set(carried)
  const isMerged = ({ seq }: { readonly seq: number }, place: number): boolean =>
    place < count && !left.has(seq)
  const merged = [...rowKeys(rows)].filter(isMerged)
  const others = unpackRows(rows).filter((row, place) => !isMerged(row, place))
  const activeBytes = merged
    .filter(({ segment }) => segment === activeSegment)
    .reduce((sum, { length }) => sum + length, 0)
  return {
    merged: { data, rows: merged, activeBytes },
    rest: encodeState({ activeSegment, snapshot: null, rows: others }),
  }
}

/** Null unless the merged state takes at most {@link MERGED_SHARE} of the bytes of the rows. */
function ifSmaller(state: MergedState, rowBytes: number): MergedState | null {
  const { merged, rest } = state
  const sent = merged.data.byteLength + MERGED_ROW_BYTES * merged.rows.length + rest.byteLength
  return sent <= rowBytes * MERGED_SHARE ? state : null
}

function bytesAfter(rows: PackedRows, count: number): number {
  let bytes = 0
  let place = 0
  for (const { length } of rowKeys(rows)) if (place++ >= count) bytes += length
  return bytes
}
