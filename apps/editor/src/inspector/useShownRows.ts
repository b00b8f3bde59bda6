import { useMemo } from 'react'
import { summaryOf } from './changeSummary.ts'
import { type Names, peopleOf } from './clients.ts'
import { NO_COLOR } from './colors.ts'
import { type Filter, rowsShown } from './filter.ts'
import { type LegendEntry, legendOf } from './legend.ts'
import { bytesOf, type Log, type LogRow, timeOf } from './log.ts'
import type { PlotData } from './plot.ts'
import type { Turn } from './sizes.ts'
import { useSummaries } from './useSummaries.ts'

interface ShownRows {
  /** False while the writers of a long log are read, so that the page stays responsive. */
  readonly isReady: boolean
  /** All stored update rows, in their order in the log. */
  readonly rows: readonly LogRow[]
  /** Those that the filter shows; the same list without a filter. */
  readonly shown: readonly LogRow[]
  readonly legend: readonly LegendEntry[]
  readonly plot: PlotData
}

interface ShownRowsOptions {
  log: Log
  names: Names
  filter: Filter
  turns: readonly Turn[]
}

/** The rows that a filter shows, and what the page draws of them. */
export function useShownRows({ log, names, filter, turns }: ShownRowsOptions): ShownRows {
  const { segments, base } = log
  const rows = useMemo(() => segments.flatMap((segment) => segment.rows), [segments])
  const isReady = useSummaries(rows)
  const shown = useMemo(
    () => (isReady ? rowsShown(rows, filter, names) : rows),
    [isReady, rows, filter, names],
  )
  const legend = useMemo(
    () => (isReady ? legendOf(rows, names, filter.writers) : []),
    [isReady, rows, names, filter.writers],
  )
  const plot = useMemo((): PlotData => {
    const isWhole = shown === rows
    const drawn = isReady ? shown : []
    const untimed = drawn.filter((row) => timeOf(row) === null)
    const timed = drawn.flatMap((row) => {
      const at = timeOf(row)
      const [writer] = peopleOf(names, summaryOf(row.data).writers)
      const color = writer?.color ?? NO_COLOR
      return at === null ? [] : [{ at, bytes: row.data.byteLength, color }]
    })
    const { from, to } = filter
    return {
      turns: isWhole ? turns : [],
      startBytes: (isWhole ? (base?.bytes ?? 0) : 0) + bytesOf(untimed),
      rows: timed,
      from,
      to,
    }
  }, [isReady, shown, rows, names, filter, turns, base])
  return { isReady, rows, shown, legend, plot }
}
