// Compares the reports of two versions of a benchmark, measured in alternating rounds.
import { median, round } from '../statistics.ts'
import type { Report, Row } from '../table.ts'

/** A number that both versions reported, for one row and column. */
export interface Ratio {
  readonly bench: string
  /** The texts of the row, for example the back end and the path. */
  readonly row: string
  readonly column: string
  /** Medians over the rounds, and the newer one divided by the older one. */
  readonly before: number
  readonly after: number
  readonly ratio: number
}

/** Columns that are not measurements of this version: goals, and ratios to other numbers. */
const LEFT_OUT = new Set(['aim', 'ratio'])

const nameOf = (row: Row): string =>
  Object.entries(row)
    .filter(([column, value]) => typeof value === 'string' && !LEFT_OUT.has(column))
    .map(([, value]) => value)
    .join(', ')

/**
 * Every number of the reports by its row and column. Rows that occur twice are left out, because their name
 * is not unique.
 */
function valuesOf(
  reports: readonly Report[],
): Map<string, { row: string; column: string; all: number[] }> {
  const values = new Map<string, { row: string; column: string; all: number[] }>()
  for (const report of reports) {
    const names = report.rows.map(nameOf)
    for (const [index, row] of report.rows.entries()) {
      const name = names[index] ?? ''
      if (names.indexOf(name) !== names.lastIndexOf(name)) continue
      for (const [column, value] of Object.entries(row)) {
        if (typeof value !== 'number' || LEFT_OUT.has(column)) continue
        const key = JSON.stringify([name, column])
        const known = values.get(key) ?? { row: name, column, all: [] }
        known.all.push(value)
        values.set(key, known)
      }
    }
  }
  return values
}

/** The ratios of all numbers that both versions report, in the order of the newer reports. */
export function compareReports(
  bench: string,
  before: readonly Report[],
  after: readonly Report[],
): Ratio[] {
  const old = valuesOf(before)
  return [...valuesOf(after)].flatMap(([key, { row, column, all }]) => {
    const past = old.get(key)
    if (past === undefined) return []
    const [was, is] = [median(past.all), median(all)]
    if (was === 0) return []
    return [{ bench, row, column, before: was, after: is, ratio: round(is / was) }]
  })
}
