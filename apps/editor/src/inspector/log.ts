import type { State } from 'y-electric/protocol'

/** One stored update row. */
export interface LogRow {
  readonly seq: number
  readonly segment: number
  readonly data: Uint8Array
  /** When this page received the row, in milliseconds since 1970; null if it was stored before. */
  readonly arrivedAt: number | null
}

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

/** An event in the list of events. */
export type News =
  | { readonly kind: 'row'; readonly at: number | null; readonly row: LogRow }
  | { readonly kind: 'roll'; readonly at: number; readonly segment: number; readonly rows: number }
  | {
      readonly kind: 'fold'
      readonly at: number
      readonly through: number
      readonly rows: number
      /** The bytes stored before the fold (the snapshot row and the folded rows), and after it. */
      readonly before: number
      readonly after: number
    }

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
  readonly news: readonly News[]
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
  /** The folded segments have been visible long enough. */
  | { readonly type: 'settled' }

export const EMPTY_LOG: Log = { isOpen: false, base: null, segments: [], folding: [], news: [] }

/** The most events that are remembered. */
const MOST_NEWS = 60
/** The most rows stored before that start the list. */
const FIRST_NEWS = 12

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
    case 'settled':
      return log.folding.length === 0 ? log : { ...log, folding: [] }
  }
}

/** The state replaces what was known; known rows keep their arrival time. */
function joined(log: Log, { snapshot, rows, activeSegment }: State, at: number): Log {
  const base = snapshot === null ? null : { ...snapshot, bytes: snapshot.data?.byteLength ?? 0 }
  const before = base !== null && log.isOpen ? folded(log, baseOf(base), at) : log
  const known = new Map(
    before.segments.flatMap((segment) => segment.rows.map((row) => [row.seq, row])),
  )
  const first = (base?.throughSegment ?? -1) + 1
  const segments = upTo([], first, Math.max(first, activeSegment))
  const bySegment = new Map<number, LogRow[]>(segments.map(({ number }) => [number, []]))
  const fresh: LogRow[] = []
  for (const { seq, segment, data } of rows) {
    const old = known.get(seq)
    const isKnown = old?.segment === segment
    const arrivedAt = isKnown ? old.arrivedAt : log.isOpen ? at : null
    const row = { seq, segment, data, arrivedAt }
    bySegment.get(segment)?.push(row)
    if (!isKnown) fresh.push(row)
  }
  const rolls = before.segments.filter((one) => !one.isSealed && one.number < activeSegment)
  const news = [
    ...fresh.slice(log.isOpen ? 0 : -FIRST_NEWS).map(rowNews),
    ...rolls.filter(({ number }) => number >= first).map((one) => rollNews(one, at)),
  ]
  return {
    ...withNews(before, news),
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
  const row = { seq, segment, data, arrivedAt: at }
  const rows = [...into.rows.slice(0, place), row, ...into.rows.slice(place)]
  return withNews({ ...log, segments: replaced(segments, { ...into, rows }) }, [rowNews(row)])
}

function sealed(log: Log, number: number, at: number): Log {
  if (!log.isOpen || number <= (log.base?.throughSegment ?? -1)) return log
  const before = log.segments.find((one) => one.number === number)
  if (before?.isSealed) return log
  const segments = upTo(log.segments, number + 1, number + 1)
  return withNews({ ...log, segments }, [
    rollNews(before ?? { number, rows: [], isSealed: true }, at),
  ])
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
  const news: News = {
    kind: 'fold',
    at,
    through: base.throughSegment,
    rows: rows.length,
    before: (log.base?.bytes ?? 0) + bytesOf(rows),
    after: base.bytes,
  }
  return withNews(
    { ...log, base, folding, segments: left.length > 0 ? left : upTo([], next, next) },
    [news],
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

const rowNews = (row: LogRow): News => ({ kind: 'row', at: row.arrivedAt, row })

const rollNews = ({ number, rows }: Segment, at: number): News => ({
  kind: 'roll',
  at,
  segment: number,
  rows: rows.length,
})

/** @param news in the order of the events */
function withNews(log: Log, news: readonly News[]): Log {
  if (news.length === 0) return log
  return { ...log, news: [...news.toReversed(), ...log.news].slice(0, MOST_NEWS) }
}

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
