import { summaryOf } from './changeSummary.ts'
import { type Names, peopleOf } from './clients.ts'
import { NO_COLOR } from './colors.ts'
import { NOT_RECORDED } from './filter.ts'
import type { LogRow } from './log.ts'

/** A writer of stored rows. */
export interface LegendEntry {
  readonly id: string
  readonly name: string
  readonly color: string
  /** The number of rows with edits of this writer. */
  readonly rows: number
}

/**
 * The writers of the rows, those with the most rows first, and after them the rows whose writer is not recorded.
 * @param chosen writers who are listed even if they have no rows: a link may name them
 */
export function legendOf(
  rows: readonly LogRow[],
  names: Names,
  chosen: ReadonlySet<string>,
): LegendEntry[] {
  const entries = new Map<string, LegendEntry>()
  const count = (id: string, name: string, color: string, more: number) => {
    const before = entries.get(id)?.rows ?? 0
    entries.set(id, { id, name, color, rows: before + more })
  }
  for (const { data } of rows) {
    const writers = peopleOf(names, summaryOf(data).writers)
    for (const { id, name, color } of writers) count(id, name, color, 1)
    if (writers.length === 0) count(NOT_RECORDED, 'not recorded', NO_COLOR, 1)
  }
  const known = new Map([...names.values()].map((person) => [person.id, person]))
  for (const id of chosen) {
    const { name, color } = known.get(id) ?? { name: nameIn(id), color: NO_COLOR }
    count(id, name, color, 0)
  }
  return [...entries.values()].sort(
    (one, other) =>
      Number(one.id === NOT_RECORDED) - Number(other.id === NOT_RECORDED) ||
      other.rows - one.rows ||
      (one.name < other.name ? -1 : 1),
  )
}

/** The name in the id of a writer: `name:Ada`, `client:7`. */
const nameIn = (id: string): string =>
  id === NOT_RECORDED ? 'not recorded' : id.replace(/^name:/, '').replace(/^client:/, 'client ')
