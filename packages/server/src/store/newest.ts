import type pg from 'pg'
import { ANNOUNCED_SEQS, type NewestRows } from 'y-electric/protocol'
import { Lanes, lanesOf } from './lanes.ts'
import type { SegmentStatus } from './segments.ts'

/** A segment of a document. */
export interface SegmentKey {
  readonly docId: string
  readonly segment: number
}

/** A segment, and the newest rows that were stored of it at the same moment. */
export interface SegmentReading {
  readonly status: SegmentStatus | 'deleted'
  readonly newest: NewestRows
}

interface Row {
  readonly active: number
  readonly is_deleted: boolean | null
  readonly folded: number | null
  readonly seqs: string
}

/** @param docId and @param segment SQL expressions; the document's row is joined as `d`, if there is one */
const columns = (docId: string, segment: string): string =>
  `coalesce(d.segment, 0) AS active, d.deleted_at IS NOT NULL AS is_deleted,
   (SELECT max(s.through_segment) FROM ydoc_snapshot s WHERE s.doc_id = ${docId}) AS folded,
   array_to_string(ARRAY(
     SELECT u.seq FROM ydoc_update u WHERE u.doc_id = ${docId} AND u.segment = ${segment}
     ORDER BY u.seq DESC LIMIT ${ANNOUNCED_SEQS}), ',') AS seqs`

/**
 * For one segment. Postgres keeps the plan of this statement. It plans the one for many segments at each execution,
 * because the plan depends on the length of the list, and planning takes longer than reading.
 */
const READ_ONE = {
  name: 'ydoc_segment',
  text: `SELECT ${columns('$1', '$2')}
         FROM (SELECT $1::text AS doc_id) AS asked LEFT JOIN ydoc_document d USING (doc_id)`,
}

const READ_MANY = {
  name: 'ydoc_segments',
  text: `SELECT ${columns('asked.doc_id', 'asked.segment')}
         FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS asked(doc_id, segment, place)
           LEFT JOIN ydoc_document d USING (doc_id)
         ORDER BY asked.place`,
}

/**
 * Reads the status of these segments, their newest rows, and the active segments of their documents. Each
 * segment costs three index lookups, whatever the number of its rows.
 * @returns one answer for each segment, in the given order
 */
export async function readSegments(
  pool: pg.Pool,
  segments: readonly SegmentKey[],
): Promise<SegmentReading[]> {
  const [only, ...others] = segments
  const query =
    only !== undefined && others.length === 0
      ? { ...READ_ONE, values: [only.docId, only.segment] }
      : {
          ...READ_MANY,
          values: [segments.map(({ docId }) => docId), segments.map(({ segment }) => segment)],
        }
  const { rows } = await pool.query<Row>(query)
  return rows.map((row, i) => ({
    status: statusOf(row, segments[i]?.segment ?? 0),
    newest: {
      activeSegment: row.active,
      seqs: row.seqs.split(',').filter(Boolean).map(Number),
    },
  }))
}

function statusOf(
  { active, is_deleted: isDeleted, folded }: Row,
  segment: number,
): SegmentReading['status'] {
  if (isDeleted) return 'deleted'
  if (segment > active) return 'not-opened'
  if (segment <= (folded ?? -1)) return 'folded'
  return segment === active ? 'active' : 'sealed'
}

/** How many segments one statement reads. */
const GROUP_SEGMENTS = 256
/** How many of these statements run at once. */
const LANES = 4

interface Waiting {
  readonly key: SegmentKey
  readonly resolve: (reading: SegmentReading) => void
  readonly reject: (error: unknown) => void
}

/**
 * Reads segments for many requests. Keys that are requested while statements run are read by the next statement. A
 * flood of requests then needs only a few statements, and no edit waits for many of them.
 */
export class SegmentReads {
  readonly #pool: pg.Pool
  readonly #lanes: Lanes<Waiting>

  constructor(pool: pg.Pool) {
    this.#pool = pool
    this.#lanes = new Lanes(lanesOf(pool, LANES), (waiting) =>
      this.#readGroup(waiting.splice(0, GROUP_SEGMENTS)),
    )
  }

  /** The segment as it is stored at a moment after this call. */
  read(key: SegmentKey): Promise<SegmentReading> {
    return new Promise((resolve, reject) => this.#lanes.add({ key, resolve, reject }))
  }

  async #readGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const readings = await readSegments(
        this.#pool,
        group.map(({ key }) => key),
      )
      if (readings.length !== group.length) throw new Error('the query returned too few rows')
      for (const [i, reading] of readings.entries()) group[i]?.resolve(reading)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
}
