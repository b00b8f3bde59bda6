/**
 * The content of a device store as a log of numbered records: pure bookkeeping that shows whether
 * records are missing.
 *
 * Each page that opens a store numbers its commits from 1. A record that holds the whole document
 * replaces other records and names them (`covers`). So a set of records is complete if the numbers of
 * each page have no gap and reach the numbers in the resume point. The resume point reveals that
 * records at the end, or all records, are missing.
 */

/** The highest number of each page. */
export type Counts = ReadonlyMap<string, number>

/** One commit. */
export interface LogRecord {
  readonly page: string
  readonly number: number
  /** The records that this one replaces. */
  readonly covers: Counts
  /** Edits that the commit added to the outbox, by name. */
  readonly edits: readonly string[]
  /** Edits that the commit removed from the outbox. */
  readonly settled: readonly string[]
}

/** The most pages that a record can cover. Older pages are dropped, so that records stay small. */
const MAX_COVERED_PAGES = 500

/** Merges two counts with the higher number for each page; the pages of `newer` come last. */
export function mergeCounts(older: Counts, newer: Counts): Counts {
  const merged = new Map(older)
  for (const [page, number] of newer) {
    const known = merged.get(page) ?? 0
    merged.delete(page)
    merged.set(page, Math.max(known, number))
  }
  return new Map([...merged].slice(-MAX_COVERED_PAGES))
}

/** The highest numbers of the records and of those that they cover. */
export const countsOf = (records: readonly LogRecord[]): Counts =>
  records.reduce<Counts>(
    (counts, { page, number, covers }) =>
      mergeCounts(counts, mergeCounts(covers, new Map([[page, number]]))),
    new Map(),
  )

/** The highest numbers of the records that are in the store themselves. */
export const presentIn = (records: readonly LogRecord[]): Counts =>
  countsOf(records.map((record) => ({ ...record, covers: new Map() })))

/** True if the numbers of no page have a gap and they reach the `wanted` numbers. */
export function isComplete(records: readonly LogRecord[], wanted: Counts): boolean {
  const reached = new Map<string, number>()
  const reach = (page: string, number: number) =>
    reached.set(page, Math.max(reached.get(page) ?? 0, number))
  for (const { covers } of records) for (const [page, number] of covers) reach(page, number)
  const inOrder = [...records].sort((a, b) => a.number - b.number)
  for (const { page, number } of inOrder) {
    if (number > (reached.get(page) ?? 0) + 1) return false
    reach(page, number)
  }
  return [...wanted].every(([page, number]) => (reached.get(page) ?? 0) >= number)
}

/** Edits that must be in the outbox, by name. */
export function openEdits(records: readonly LogRecord[]): Set<string> {
  const settled = new Set(records.flatMap((record) => record.settled))
  return new Set(records.flatMap(({ edits }) => edits.filter((id) => !settled.has(id))))
}
