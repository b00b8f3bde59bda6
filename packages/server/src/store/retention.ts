import type pg from 'pg'
import type { Limits } from '../limits.ts'

/** Which unlabelled snapshot rows are kept. */
export type RetentionRule = Pick<
  Limits,
  'keepSnapshots' | 'keepHourlySnapshots' | 'keepDailySnapshots'
>

/** The parts of a snapshot row that decide whether it is kept. */
export interface AgedSnapshot {
  readonly seq: number
  /** Null for a row that was kept by name. */
  readonly throughSegment: number | null
  readonly label: string | null
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

const HOUR_MS = 60 * 60 * 1_000
const DAY_MS = 24 * HOUR_MS

/**
 * The seqs of the snapshot rows that are kept at the time `now`: all labelled ones; the newest one of a
 * fold, which the document is built from; and of the others the newest few, then the newest of each hour
 * and of each day (UTC) within the reach of the rule. The times of pruning do not matter: a row that is
 * deleted today would not be kept tomorrow.
 */
export function keptSnapshots(
  rows: readonly AgedSnapshot[],
  now: number,
  rule: RetentionRule,
): ReadonlySet<number> {
  const kept = new Set(rows.filter(({ label }) => label !== null).map(({ seq }) => seq))
  const newestFold = rows
    .filter(({ throughSegment }) => throughSegment !== null)
    .reduce<AgedSnapshot | null>(
      (newest, row) => ((newest?.throughSegment ?? -1) > (row.throughSegment ?? -1) ? newest : row),
      null,
    )
  if (newestFold !== null) kept.add(newestFold.seq)

  const unnamed = rows
    .filter(({ label }) => label === null)
    .sort((a, b) => b.createdAt - a.createdAt || b.seq - a.seq)
  for (const { seq } of unnamed.slice(0, rule.keepSnapshots)) kept.add(seq)
  for (const row of newestOfEach(unnamed, now, HOUR_MS, rule.keepHourlySnapshots)) kept.add(row.seq)
  for (const row of newestOfEach(unnamed, now, DAY_MS, rule.keepDailySnapshots)) kept.add(row.seq)
  return kept
}

/** The newest row of each time span: the current one and those before it. */
function newestOfEach(
  newestFirst: readonly AgedSnapshot[],
  now: number,
  spanMs: number,
  spans: number,
): AgedSnapshot[] {
  const current = Math.floor(now / spanMs)
  const newest = new Map<number, AgedSnapshot>()
  for (const row of newestFirst) {
    const span = Math.floor(row.createdAt / spanMs)
    if (span > current - spans && !newest.has(span)) newest.set(span, row)
  }
  return [...newest.values()]
}

/**
 * Deletes the snapshot rows that are not kept, by the database's clock. It is safe with concurrent writers:
 * if the newest row of a fold has not committed yet, this transaction does not see it and keeps the one
 * before it; a row that gets its label meanwhile is kept as well.
 */
export async function pruneSnapshots(
  client: Pick<pg.PoolClient, 'query'>,
  docId: string,
  rule: RetentionRule,
): Promise<void> {
  const { rows } = await client.query<{
    seq: string
    through_segment: number | null
    label: string | null
    created_at: Date
    now: Date
  }>(
    `SELECT seq, through_segment, label, created_at, now() AS now
     FROM ydoc_snapshot WHERE doc_id = $1`,
    [docId],
  )
  const [first] = rows
  if (first === undefined) return
  const aged = rows.map((row) => ({
    seq: Number(row.seq),
    throughSegment: row.through_segment,
    label: row.label,
    createdAt: row.created_at.getTime(),
  }))
  const kept = keptSnapshots(aged, first.now.getTime(), rule)
  const gone = aged.filter(({ seq }) => !kept.has(seq)).map(({ seq }) => seq)
  if (gone.length === 0) return
  await client.query(
    'DELETE FROM ydoc_snapshot WHERE doc_id = $1 AND seq = ANY($2::bigint[]) AND label IS NULL',
    [docId, gone],
  )
}
