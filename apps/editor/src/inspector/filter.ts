import { summaryOf } from './changeSummary.ts'
import { type Names, peopleOf } from './clients.ts'
import { type LogRow, timeOf } from './log.ts'

/** The rows to show. */
export interface Filter {
  /** The ids of writers; empty for all. */
  readonly writers: ReadonlySet<string>
  /** The first and the last second, in milliseconds since 1970; null without a limit. */
  readonly from: number | null
  readonly to: number | null
}

export const NO_FILTER: Filter = { writers: new Set(), from: null, to: null }

/** The id of the writer of rows that only delete, which Yjs does not record. */
export const NOT_RECORDED = 'not-recorded'

export const isFiltering = ({ writers, from, to }: Filter): boolean =>
  writers.size > 0 || from !== null || to !== null

/** The ids of the writers of a row. */
export function writerIdsOf({ data }: Pick<LogRow, 'data'>, names: Names): string[] {
  const people = peopleOf(names, summaryOf(data).writers)
  return people.length === 0 ? [NOT_RECORDED] : people.map(({ id }) => id)
}

/** The rows that a filter shows, in the same order; the same list if it shows all. */
export function rowsShown(
  rows: readonly LogRow[],
  filter: Filter,
  names: Names,
): readonly LogRow[] {
  if (!isFiltering(filter)) return rows
  return rows.filter(
    (row) =>
      isWithin(timeOf(row), filter) &&
      (filter.writers.size === 0 ||
        writerIdsOf(row, names).some((writer) => filter.writers.has(writer))),
  )
}

const SECOND = 1_000

/** Whether a time is in the span. Its last second is inside as a whole. */
export function isWithin(at: number | null, { from, to }: Filter): boolean {
  if (at === null) return from === null && to === null
  return (from === null || at >= from) && (to === null || at < to + SECOND)
}

/** Another choice of writers: without this one, or with it. */
export function toggled(filter: Filter, writer: string): Filter {
  const writers = new Set(filter.writers)
  if (!writers.delete(writer)) writers.add(writer)
  return { ...filter, writers }
}

/** Everything that a link to the inspector carries. */
export interface Place {
  readonly filter: Filter
  /** The seq of the row after which the document is shown; 0 for before the first row; null if it is not shown. */
  readonly at: number | null
}

/** Reads the query of an address. Members that make no sense are ignored. */
export function placeOf(search: string): Place {
  const query = new URLSearchParams(search)
  const at = query.get('at')
  return {
    filter: {
      writers: new Set(query.getAll('writer').filter((writer) => writer !== '')),
      from: secondIn(query.get('from')),
      to: secondIn(query.get('to')),
    },
    at: at !== null && /^\d{1,15}$/.test(at) ? Number(at) : null,
  }
}

function secondIn(text: string | null): number | null {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? null : Math.floor(time / SECOND) * SECOND
}

/** The query of the address of a place, with its question mark; empty if there is nothing to say. */
export function searchOf({ filter, at }: Place): string {
  const query = new URLSearchParams()
  for (const writer of filter.writers) query.append('writer', writer)
  if (filter.from !== null) query.set('from', secondInWords(filter.from))
  if (filter.to !== null) query.set('to', secondInWords(filter.to))
  if (at !== null) query.set('at', String(at))
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

const secondInWords = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z')
