import type { LogRow, Turning } from './log.ts'

/** A line of the list: a stored row, or a roll or fold between rows. */
export type Entry = { readonly kind: 'row'; readonly row: LogRow } | Turning

/**
 * The lines of the list, newest first.
 * @param rows in their order in the log
 * @param turnings newest first
 * @param most how many lines to return at most
 */
export function entriesOf(
  rows: readonly LogRow[],
  turnings: readonly Turning[],
  most: number,
): Entry[] {
  const entries: Entry[] = []
  let [row, turning] = [rows.length - 1, 0]
  while (entries.length < most) {
    const [nextRow, nextTurning] = [rows[row], turnings[turning]]
    if (nextTurning !== undefined && nextTurning.afterSeq >= (nextRow?.seq ?? 0)) {
      entries.push(nextTurning)
      turning++
    } else if (nextRow !== undefined) {
      entries.push({ kind: 'row', row: nextRow })
      row--
    } else break
  }
  return entries
}
