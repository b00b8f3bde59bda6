import type { MergedRows } from '../protocol/join-frames.ts'
import type { State } from '../protocol/state-frames.ts'
import { type Tally, tallyState } from './compaction.ts'

/** State as a join uses it, whether rows were merged or not. */
export interface Joinable<S extends State> {
  /** With one row that says what all merged rows say. */
  readonly state: S
  /** The rows that the server has, merged or not. */
  readonly seqs: ReadonlySet<number>
  /** The size of the stored rows, which is what compaction makes smaller. */
  readonly tally: Tally
}

const NO_BYTES = new Uint8Array()

export function joinable<S extends State>(state: S, merged: MergedRows | null): Joinable<S> {
  const rows = merged?.rows ?? []
  const seqs = new Set([...rows, ...state.rows].map(({ seq }) => seq))
  const last = rows.at(-1)
  if (merged === null || last === undefined) return { state, seqs, tally: tallyState(state) }
  const stored = rows.map((row) => ({ ...row, data: NO_BYTES }))
  const tally = tallyState({ ...state, rows: [...stored, ...state.rows] })
  return {
    state: { ...state, rows: [{ ...last, data: merged.data }, ...state.rows] },
    seqs,
    tally: { ...tally, bytes: tally.bytes + merged.activeBytes },
  }
}
