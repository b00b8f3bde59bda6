/**
 * What a device store holds, as a log of numbered records: pure bookkeeping that tells whether
 * anything is missing from it.
 *
 * Each page that opens a store numbers its commits from 1. A record that holds the whole document
 * takes the place of others and names them (`covers`). So a set of records is complete when each
 * page's numbers have no gap, and when it reaches the numbers that the resume point was written with:
 * that one shows records missing at the end, or all of them.
 */

/** The highest number of each page. */
export type Counts = ReadonlyMap<string, number>

/** One commit. */
export interface LogRecord {
  readonly page: string
  readonly number: number
  /** Records that this one takes the place of. */
  readonly covers: Counts
  /** Edits that the commit added to the outbox, by name. */
  readonly edits: readonly string[]
  /** Edits that it took out of the outbox. */
  readonly settled: readonly string[]
}

/** Pages that a record can cover: those before are forgotten, so that a record does not grow for ever. */
const MAX_COVERED_PAGES = 500

/** Both, and of each page the higher number; pages of `newer` come last. */
export function mergeCounts(older: Counts, newer: Counts): Counts {
  const merged = new Map(older)
  for (const [page, number] of newer) {
    const known = merged.get(page) ?? 0
    merged.delete(page)
    merged.set(page, Math.max(known, number))
  }
  return new Map([...merged].slice(-MAX_COVERED_PAGES))
}

/** What records are there, and what they cover. */
export const countsOf = (records: readonly LogRecord[]): Counts =>
  records.reduce<Counts>(
    (counts, { page, number, covers }) =>
      mergeCounts(counts, mergeCounts(covers, new Map([[page, number]]))),
    new Map(),
  )

/** The records that stand in the store themselves. */
export const presentIn = (records: readonly LogRecord[]): Counts =>
  countsOf(records.map((record) => ({ ...record, covers: new Map() })))

/** True when no page's numbers have a gap, and all that is `wanted` is there. */
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
