// The order of measurements, and the arithmetic on their results.
import { median, round } from '../statistics.ts'
import type { Cell, Row } from '../table.ts'

/** The figures of one measurement of one contender, by the key of the figure. */
export type Figures = Readonly<Record<string, number>>

/** A figure that a row of the table shows. */
export interface Figure {
  readonly key: string
  readonly title: string
  readonly unit: string
  /** The aim, as text. It is never checked. */
  readonly aim?: string
}

/** The results of one row: by contender, its figures of each round. */
export type Results = ReadonlyMap<string, readonly Figures[]>

/**
 * The order of one round. Each round begins with a different contender, so that no contender always runs
 * after the same one, or always first on a machine that slows down.
 */
export function orderOf<T>(contenders: readonly T[], roundIndex: number): T[] {
  const start = contenders.length === 0 ? 0 : roundIndex % contenders.length
  return [...contenders.slice(start), ...contenders.slice(0, start)]
}

/** Measures each contender once in each round. */
export async function inRounds<T extends { readonly name: string }>(
  contenders: readonly T[],
  rounds: number,
  measure: (contender: T) => Promise<Figures>,
): Promise<Results> {
  const results = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]))
  for (let index = 0; index < rounds; index++) {
    for (const contender of orderOf(contenders, index)) {
      results.get(contender.name)?.push(await measure(contender))
    }
  }
  return results
}

/**
 * A row of the table: the median of each contender, and its ratio to the base. The ratio is the median of the
 * ratios within each round. If the machine is busy during some rounds, this changes less than the quotient of
 * the medians.
 * @param name the name of the row, for `--only`
 * @param base the contender with which the others are compared; without a result of it there are no ratios
 */
export function tableRow(name: string, figure: Figure, results: Results, base: string): Row {
  const row: Record<string, Cell> = { row: name, measure: figure.title, unit: figure.unit }
  const of = (name: string): number[] =>
    (results.get(name) ?? []).map((figures) => figures[figure.key] ?? Number.NaN)
  const basis = of(base)
  for (const contender of results.keys()) {
    const values = of(contender)
    row[contender] = significant(median(values))
    if (contender === base) continue
    const ratio = median(values.map((value, index) => value / (basis[index] ?? Number.NaN)))
    if (Number.isFinite(ratio)) row[ratioColumn(contender)] = round(ratio)
  }
  row.aim = figure.aim ?? ''
  return row
}

export const ratioColumn = (name: string): string => `${name} ×`

/** Two digits after the point for small numbers, none for large ones. */
const significant = (value: number): number => round(value, value < 10 ? 2 : value < 100 ? 1 : 0)
