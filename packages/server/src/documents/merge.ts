import type pg from 'pg'
import { encodeState, type MergedRows } from 'y-electric/protocol'
import type { Limits } from '../limits.ts'
import type { PackedState } from '../store/index.ts'
import { rowKeys, unpackRows } from '../store/packed-rows.ts'
import { type Asker, inspectionLimits, runLimited } from '../work/limiter.ts'
import { serverWorkers } from '../work/run.ts'
import { runDocumentJob } from './jobs.ts'

/** Bytes of a row in state besides its data. */
const ROW_BYTES = 6
/** Bytes of a row that is merged. */
const MERGED_ROW_BYTES = 2

/** Merged rows are sent if they take at most this share of the bytes of the rows. */
const MERGED_SHARE = 0.75

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
 * @returns the merged rows and the state with the others, or null if the rows as they are cost less, or cannot be merged now
 * @throws the reason of the asker's signal
 */
export async function mergeState(
  pool: pg.Pool,
  state: PackedState,
  asker: Asker & { readonly signal: AbortSignal },
  limits: Limits,
): Promise<MergedState | null> {
  const { snapshot, rows, keepHistory, activeSegment } = state
  const bytes = rows.data.byteLength + ROW_BYTES * rows.count
  // The rows that compaction leaves after a snapshot row are a fraction of it, and build on it.
  if (snapshot !== null || bytes < limits.minMergedBytes) return null
  try {
    const atOnce = { ...inspectionLimits(limits), maxWaiting: 0 }
    const { data, carried } = await runLimited(pool, 'inspection', asker, atOnce, (signal) =>
      runDocumentJob(
        serverWorkers,
        'mergeRows',
        { rows, keepHistory },
        rows.data.byteLength,
        limits,
        { signal },
      ),
    )
    const left = new Set(carried)
    const others = unpackRows(rows).filter(({ seq }) => left.has(seq))
    const merged = mergedRows(state, data, left)
    const rest = encodeState({ activeSegment, snapshot: null, rows: others })
    const sent = data.byteLength + MERGED_ROW_BYTES * merged.rows.length + rest.byteLength
    return sent <= bytes * MERGED_SHARE ? { merged, rest } : null
  } catch {
    asker.signal.throwIfAborted()
    // A busy server, or a document that takes too long: the rows are right as they are.
    return null
  }
}

function mergedRows(
  { rows, activeSegment }: PackedState,
  data: Uint8Array,
  left: ReadonlySet<number>,
): MergedRows {
  const merged = [...rowKeys(rows)].filter(({ seq }) => !left.has(seq))
  const activeBytes = merged
    .filter(({ segment }) => segment === activeSegment)
    .reduce((sum, { length }) => sum + length, 0)
  return { data, rows: merged, activeBytes }
}
