import { type Finding, finding } from './findings.ts'

/** An update row as far as the chain goes. */
export interface ChainRow {
  readonly seq: number
  readonly segment: number
  readonly isSeal: boolean
}

export interface Chain {
  readonly activeSegment: number
  /** The last segment that is folded; -1 when none is. */
  readonly foldedSegment: number
  /** In the order of segment and seq. */
  readonly rows: readonly ChainRow[]
}

/**
 * Checks that the segments after the newest fold follow each other, each sealed one ended by one seal,
 * and that no row lies where nobody reads it. A seal of a folded segment may stay: it says the same.
 */
export function verifyChain({ activeSegment, foldedSegment, rows }: Chain): Finding[] {
  const findings: Finding[] = []
  const bySegment = new Map<number, ChainRow[]>()
  for (const row of rows) {
    const { seq, segment, isSeal } = row
    if (segment <= foldedSegment) {
      if (!isSeal) findings.push(misplaced(seq, segment, 'was folded'))
    } else if (segment > activeSegment) {
      findings.push(misplaced(seq, segment, 'was not opened yet'))
    } else {
      const inside = bySegment.get(segment)
      if (inside === undefined) bySegment.set(segment, [row])
      else inside.push(row)
    }
  }
  let expected = foldedSegment + 1
  for (const [segment, inside] of [...bySegment].sort(([a], [b]) => a - b)) {
    findings.push(...missingSegments(expected, Math.min(segment, activeSegment) - 1))
    findings.push(...verifySeals(segment, inside, segment === activeSegment))
    expected = segment + 1
  }
  return [...findings, ...missingSegments(expected, activeSegment - 1)]
}

const misplaced = (seq: number, segment: number, why: string): Finding =>
  finding(
    'row_misplaced',
    'ydoc_update',
    seq,
    `row ${seq} lies in segment ${segment}, which ${why}`,
  )

function missingSegments(from: number, to: number): Finding[] {
  if (to < from) return []
  const which = from === to ? `segment ${from} has` : `segments ${from} to ${to} have`
  return [finding('seal_missing', 'ydoc_update', null, `${which} no rows, not even a seal`)]
}

function verifySeals(segment: number, rows: readonly ChainRow[], isActive: boolean): Finding[] {
  const seals = rows.filter(({ isSeal }) => isSeal)
  if (isActive) {
    return seals.map(({ seq }) =>
      finding(
        'seal_misplaced',
        'ydoc_update',
        seq,
        `row ${seq} seals segment ${segment}, which is the active one`,
      ),
    )
  }
  if (seals.length === 0) {
    const message = `segment ${segment} was sealed, but has no seal`
    return [finding('seal_missing', 'ydoc_update', null, message)]
  }
  const last = rows.at(-1)
  return seals
    .filter((seal) => seal !== last)
    .map(({ seq }) =>
      finding(
        'seal_misplaced',
        'ydoc_update',
        seq,
        `row ${seq} seals segment ${segment}, and rows follow it`,
      ),
    )
}
