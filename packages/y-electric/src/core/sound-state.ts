import { readSnapshotRow } from '../protocol/snapshot-row.ts'
import type { State } from '../protocol/state-frames.ts'
import { rowProblem } from '../protocol/stored-row.ts'

/** A row of state that is ignored entirely or in part. */
export interface BadPart {
  readonly message: string
  readonly data: Uint8Array
}

/**
 * State as every client applies it: without bad rows, and with the readable part of the snapshot
 * row.
 */
export interface SoundState<S extends State> {
  readonly state: S
  readonly bad: readonly BadPart[]
}

/** Removes from state the content that no client applies (READ-1). */
export function soundState<S extends State>(state: S): SoundState<S> {
  const bad: BadPart[] = []
  const rows = state.rows.filter(({ seq, data }) => {
    const problem = rowProblem(data)
    if (problem !== null) bad.push({ message: `row ${seq}: ${problem}`, data })
    return problem === null
  })
  const snapshot = soundSnapshot(state, bad)
  return bad.length === 0 ? { state, bad } : { state: { ...state, snapshot, rows }, bad }
}

function soundSnapshot({ snapshot }: State, bad: BadPart[]): State['snapshot'] {
  const data = snapshot?.data ?? null
  if (snapshot === null || data === null) return snapshot
  const note = (problem: string) =>
    bad.push({ message: `snapshot row ${snapshot.seq}: ${problem}`, data })
  try {
    const sound = readSnapshotRow(data)
    if (sound.problem !== null) note(sound.problem)
    return { ...snapshot, data: sound.data }
  } catch (error) {
    note((error as Error).message)
    return { ...snapshot, data: null }
  }
}
