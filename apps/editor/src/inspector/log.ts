import type { State } from 'y-electric/protocol'

/** One stored update, as the page shows it. */
export interface LogRow {
  readonly seq: number
  readonly segment: number
  readonly data: Uint8Array
  /** When this page got it, in milliseconds since 1970; null: it was there before. */
  readonly arrivedAt: number | null
}

/** A run of update rows. A sealed one takes no more. */
export interface Segment {
  readonly number: number
  readonly rows: readonly LogRow[]
  readonly isSealed: boolean
}

/** The snapshot row on which the segments stand. */
export interface Base {
  readonly seq: number
  readonly throughSegment: number
  readonly bytes: number
}

/** What happened, for people who watch. */
export type News =
  | { readonly kind: 'row'; readonly at: number | null; readonly row: LogRow }
  | { readonly kind: 'roll'; readonly at: number; readonly segment: number; readonly rows: number }
  | {
      readonly kind: 'fold'
      readonly at: number
      readonly through: number
      readonly rows: number
      /** Bytes stored before it (the snapshot row and the folded rows), and after it. */
      readonly before: number
      readonly after: number
    }

/** The stored log of a document, as far as this page has seen it. */
export interface Log {
  /** False until state was read once. */
  readonly isOpen: boolean
  readonly base: Base | null
  /** In their order, without gaps; the last is the active one. Empty only before `isOpen`. */
  readonly segments: readonly Segment[]
  /** Just folded: on show for a moment, to be seen going. */
  readonly folding: readonly Segment[]
  /** Newest first. */
  readonly news: readonly News[]
}

export type LogEvent =
  /** All that is stored, in one consistent read: joining, and joining again. */
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
  /** What was folded has been seen going. */
  | { readonly type: 'settled' }

export const EMPTY_LOG: Log = { isOpen: false, base: null, segments: [], folding: [], news: [] }

/** How much news is remembered. */
const MOST_NEWS = 60
/** Of the rows that were there before, this many open the list. */
const FIRST_NEWS = 12

/** Total: events may repeat, and come in any order in which the network can bring them. */
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

/** State is the truth, whatever was known; what is known of it keeps the time at which it came. */
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

/** The segments, and those after them up to `last`; all but the last are sealed. */
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

/** Where a row stands among those of its segment, by seq. A segment is repeated whole to its followers. */
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

/** @param news in the order in which it happened */
function withNews(log: Log, news: readonly News[]): Log {
  if (news.length === 0) return log
  return { ...log, news: [...news.toReversed(), ...log.news].slice(0, MOST_NEWS) }
}

/** What a snapshot row stands for. */
export const foldedInWords = ({ throughSegment }: Base): string =>
  throughSegment === 0 ? 'segment 0' : `segments 0 to ${throughSegment}`

/** Bytes of some rows. */
export const bytesOf = (rows: readonly LogRow[]): number =>
  rows.reduce((sum, { data }) => sum + data.byteLength, 0)

export interface Totals {
  /** Update rows, of sealed segments and the active one. */
  readonly rows: number
  readonly rowBytes: number
  readonly baseBytes: number
  /** What somebody who opens the document now has to fetch, but for a few bytes of framing. */
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
