// Formats the report of a benchmark as a table. The JSON has the same rows.

export type Cell = string | number

/** One line of a benchmark's result. `aim` is a goal, not a limit: benchmarks never fail. */
export interface Row {
  readonly [column: string]: Cell
}

export interface Report {
  readonly title: string
  readonly rows: readonly Row[]
  /** Notes about the measurement, which a reader needs to understand the numbers. */
  readonly notes: readonly string[]
}

export function formatTable({ title, rows, notes }: Report): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [columns, ...rows.map((row) => columns.map((column) => format(row[column])))]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  const isNumeric = columns.map((column) => rows.every((row) => typeof row[column] !== 'string'))
  const body = lines.map((line) =>
    line
      .map((cell, i) =>
        isNumeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join('   ')
      .trimEnd(),
  )
  return [title, ...body.map((line) => `  ${line}`), ...notes.map((note) => `  · ${note}`)].join(
    '\n',
  )
}

function format(cell: Cell | undefined): string {
  if (cell === undefined) return ''
  return typeof cell === 'number' ? cell.toLocaleString('en', { maximumFractionDigits: 2 }) : cell
}
