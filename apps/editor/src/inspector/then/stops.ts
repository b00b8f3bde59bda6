import type { LogRow } from '../log.ts'

/** A position of the slider: before the first row, or after a row. */
export interface Stop {
  /** The row after which the document is shown; null for before the first stored row. */
  readonly row: LogRow | null
  /** How many of all stored rows the document then had. */
  readonly count: number
}

/**
 * The positions of the slider.
 * @param all the stored rows, in their order in the log
 * @param shown those of them that the filter shows; null for all
 */
export function stopsOf(
  all: readonly LogRow[],
  shown: ReadonlySet<LogRow> | null,
): readonly Stop[] {
  const stops: Stop[] = [{ row: null, count: 0 }]
  for (const [index, row] of all.entries()) {
    if (shown === null || shown.has(row)) stops.push({ row, count: index + 1 })
  }
  return stops
}

/** The last position that is not after a seq: its row may have been folded, or hidden by the filter. */
export function stopAt(stops: readonly Stop[], seq: number): number {
  let [low, high] = [0, stops.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((stops[middle]?.row?.seq ?? 0) <= seq) low = middle
    else high = middle - 1
  }
  return low
}
