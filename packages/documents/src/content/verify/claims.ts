import { type Finding, finding } from './findings.ts'

/** What a snapshot row says of itself. */
export interface SnapshotClaim {
  readonly seq: number
  /** Null when it was kept by name. */
  readonly throughSegment: number | null
  readonly foldedRows: number
  readonly foldedBytes: number
}

/** The shortest update there is has no structs and no deletes: two bytes. */
const MIN_UPDATE_BYTES = 2

/** Checks what a snapshot row says of itself. */
export function verifyClaim(claim: SnapshotClaim, activeSegment: number): Finding[] {
  const { seq, throughSegment, foldedRows, foldedBytes } = claim
  const problems: string[] = []
  if (throughSegment !== null && (throughSegment < 0 || throughSegment >= activeSegment)) {
    problems.push(`has folded segment ${throughSegment}, but ${activeSegment} is active`)
  }
  if (foldedRows < 0 || foldedBytes < foldedRows * MIN_UPDATE_BYTES) {
    problems.push(`has folded ${foldedRows} rows of ${foldedBytes} bytes`)
  }
  if (foldedRows === 0 && foldedBytes > 0)
    problems.push(`has folded ${foldedBytes} bytes of no row`)
  return problems.map((problem) =>
    finding('snapshot_implausible', 'ydoc_snapshot', seq, `snapshot row ${seq} ${problem}`),
  )
}
