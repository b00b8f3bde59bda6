import type { State } from 'y-electric/protocol'

/** One stored update row. */
export interface LogRow {
  readonly seq: number
  readonly segment: number
  readonly data: Uint8Array
  /** When this page received the row, in milliseconds since 1970; null if it was stored before. */
  readonly arrivedAt: number | null
  /** When the database stored it, by its own clock; null until the server has told. */
  readonly storedAt: number | null
}

/** When a row was stored. Until the server has told, it is the time at which the row arrived here. */
export const timeOf = ({ storedAt, arrivedAt }: LogRow): number | null => storedAt ?? arrivedAt

/** A run of update rows. A sealed segment receives no more rows. */
export interface Segment {
  readonly number: number
  readonly rows: readonly LogRow[]
  readonly isSealed: boolean
}

/** The snapshot row that the segments continue. */
export interface Base {
  readonly seq: number
  readonly throughSegment: number
  readonly bytes: number
}

/** A roll or a fold that happened while this page was open. */
export type Turning = {
  readonly at: number
  /** The largest seq of a row that was stored before. */
  readonly afterSeq: number
} & (
  | { readonly kind: 'roll'; readonly segment: number; readonly rows: number }
  | {
      readonly kind: 'fold'
      readonly through: number
      readonly rows: number
      /** The bytes stored before the fold (the snapshot row and the folded rows), and after it. */
      readonly before: number
      readonly after: number
    }
)

/** The stored log of a document, as far as this page knows it. */
export interface Log {
  /** False until the state was read once. */
  readonly isOpen: boolean
  readonly base: Base | null
  /** In order and without gaps; the last segment is active. Empty only before `isOpen`. */
  readonly segments: readonly Segment[]
  /** The segments just folded; they stay visible for a moment. */
  readonly folding: readonly Segment[]
  /** Newest first. */
  readonly turnings: readonly Turning[]
}

export type LogEvent =
  /** Everything that is stored, in one consistent read: at a join and at each rejoin. */
  | { readonly type: 'state'; readonly state: State; readonly at: number }
  | {
      readonly type: 'row'
      readonly seq: number
      readonly segment: number
      readonly data: Uint8Array
      readonly at: number
    }
  | { readonly type: 'sealed'; readonly segment: number; readonly at: number }
  /** The newest snapshot row of a fold. */
  | { readonly type: 'folded'; readonly base: Base; readonly at: number }
  /** When rows were stored, by seq. */
  | { readonly type: 'times'; readonly times: ReadonlyMap<number, number> }
  /** The folded segments have been visible long enough. */
  | { readonly type: 'settled' }

export const EMPTY_LOG: Log = { isOpen: false, base: null, segments: [], folding: [], turnings: [] }

/** The most rolls and folds that are remembered. */
const MOST_TURNINGS = 60

/**
 * Accepts every sequence of events: they may repeat, and arrive in any order that the network can
 * produce.
 */
export function logStep(log: Log, event: LogEvent): Log {
  switch (event.type) {
    case 'state':
      return joined(log, event.state, event.at)
    case 'row':
      return withRow(log, event)
    case 'sealed':
      return sealed(log, event.segment, event.at)
    case 'folded':
      return folded(log, event.base, event.at)
    case 'times':
      return withTimes(log, event.times)
    case 'settled':
      return log.folding.length === 0 ? log : { ...log, folding: [] }
  }
}

/** The state replaces what was known; known rows keep their times. */
function joined(log: Log, { snapshot, rows, activeSegment }: State, at: number): Log {
  const base = snapshot === null ? null : { ...snapshot, bytes: snapshot.data?.byteLength ?? 0 }
  const before = base !== null && log.isOpen ? folded(log, baseOf(base), at) : log
  const known = new Map(
    before.segments.flatMap((segment) => segment.rows.map((row) => [row.seq, row])),
  )
  const first = (base?.throughSegment ?? -1) + 1
  const segments = upTo([], first, Math.max(first, activeSegment))
  const bySegment = new Map<number, LogRow[]>(segments.map(({ number }) => [number, []]))
  for (const { seq, segment, data } of rows) {
    const old = known.get(seq)
    const isKnown = old?.segment === segment
    const arrivedAt = isKnown ? old.arrivedAt : log.isOpen ? at : null
    const storedAt = isKnown ? old.storedAt : null
    bySegment.get(segment)?.push({ seq, segment, data, arrivedAt, storedAt })
  }
  const rolls = before.segments.filter(
    ({ number, isSealed }) => !isSealed && number >= first && number < activeSegment,
  )
  return {
    ...rolls.reduce((turned, segment) => withRoll(turned, segment, at), before),
    isOpen: true,
    base: base === null ? null : baseOf(base),
    segments: segments.map((one) => ({ ...one, rows: bySegment.get(one.number) ?? [] })),
  }
}

function withRow(log: Log, event: LogEvent & { type: 'row' }): Log {
  const { seq, segment, data, at } = event
  if (!log.isOpen || segment <= (log.base?.throughSegment ?? -1)) return log
  const segments = upTo(log.segments, segment, segment)
  const into = segments.find(({ number }) => number === segment)
  if (into === undefined) return log
  const place = placeOf(into.rows, seq)
  if (into.rows[place]?.seq === seq) return log
  const row = { seq, segment, data, arrivedAt: at, storedAt: null }
  const rows = [...into.rows.slice(0, place), row, ...into.rows.slice(place)]
  return { ...log, segments: replaced(segments, { ...into, rows }) }
}

function withTimes(log: Log, times: ReadonlyMap<number, number>): Log {
  const isTold = ({ seq, storedAt }: LogRow) => storedAt === null && times.has(seq)
  const segments = log.segments.map((segment) =>
    segment.rows.some(isTold)
      ? {
          ...segment,
          rows: segment.rows.map((row) =>
            isTold(row) ? { ...row, storedAt: times.get(row.seq) ?? null } : row,
          ),
        }
      : segment,
  )
  return segments.every((segment, index) => segment === log.segments[index])
    ? log
    : { ...log, segments }
}

function sealed(log: Log, number: number, at: number): Log {
  if (!log.isOpen || number <= (log.base?.throughSegment ?? -1)) return log
  const before = log.segments.find((one) => one.number === number)
  if (before?.isSealed) return log
  const segments = upTo(log.segments, number + 1, number + 1)
  return withRoll({ ...log, segments }, before ?? { number, rows: [], isSealed: true }, at)
}

function folded(log: Log, base: Base, at: number): Log {
  const through = log.base?.throughSegment ?? -1
  if (!log.isOpen || base.throughSegment <= through) return log
  const folding = log.segments
    .filter(({ number }) => number <= base.throughSegment)
    .map((one) => ({ ...one, isSealed: true }))
  const left = log.segments.filter(({ number }) => number > base.throughSegment)
  const rows = folding.flatMap((one) => one.rows)
  const next = base.throughSegment + 1
  const turning: Turning = {
    kind: 'fold',
    at,
    afterSeq: newestSeq(log),
    through: base.throughSegment,
    rows: rows.length,
    before: (log.base?.bytes ?? 0) + bytesOf(rows),
    after: base.bytes,
  }
  return withTurning(
    { ...log, base, folding, segments: left.length > 0 ? left : upTo([], next, next) },
    turning,
  )
}

/** The segments, extended up to `last`; all but the last are sealed. */
function upTo(segments: readonly Segment[], first: number, last: number): readonly Segment[] {
  const from = (segments.at(-1)?.number ?? first - 1) + 1
  if (segments.length > 0 && from > last) return segments
  const added = Array.from({ length: last - from + 1 }, (_, index) => from + index)
  return [
    ...segments.map((one) => (one.isSealed ? one : { ...one, isSealed: true })),
    ...added.map((number) => ({ number, rows: [], isSealed: number < last })),
  ]
}

const replaced = (segments: readonly Segment[], by: Segment): Segment[] =>
  segments.map((one) => (one.number === by.number ? by : one))

/**
 * The index of a row among those of its segment, by seq. A segment may be delivered again as a
 * whole.
 */
function placeOf(rows: readonly LogRow[], seq: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.seq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return low
}

const baseOf = ({ seq, throughSegment, bytes }: Base): Base => ({ seq, throughSegment, bytes })

/** The largest seq of a row that this page knows. */
const newestSeq = ({ segments, turnings }: Log): number =>
  segments.findLast(({ rows }) => rows.length > 0)?.rows.at(-1)?.seq ?? turnings[0]?.afterSeq ?? 0

const withRoll = (log: Log, { number, rows }: Segment, at: number): Log =>
  withTurning(log, {
    kind: 'roll',
    at,
    afterSeq: rows.at(-1)?.seq ?? newestSeq(log),
    segment: number,
    rows: rows.length,
  })

const withTurning = (log: Log, turning: Turning): Log => ({
  ...log,
  turnings: [turning, ...log.turnings].slice(0, MOST_TURNINGS),
})

/** The segments that a snapshot row replaces. */
export const foldedInWords = ({ throughSegment }: Base): string =>
  throughSegment === 0 ? 'segment 0' : `segments 0 to ${throughSegment}`

/** The bytes of some rows. */
export const bytesOf = (rows: readonly LogRow[]): number =>
  rows.reduce((sum, { data }) => sum + data.byteLength, 0)

export interface Totals {
  /** The number of update rows, in sealed segments and the active one. */
  readonly rows: number
  readonly rowBytes: number
  readonly baseBytes: number
  /** The bytes that a client fetches to open the document, except for a few bytes of framing. */
  readonly joinBytes: number
}

export function totalsOf({ base, segments }: Log): Totals {
  const rowBytes = segments.reduce((sum, { rows }) => sum + bytesOf(rows), 0)
  const baseBytes = base?.bytes ?? 0
  return {
    rows: segments.reduce((sum, { rows }) => sum + rows.length, 0),
    rowBytes,
    baseBytes,
    joinBytes: baseBytes + rowBytes,
  }
}
