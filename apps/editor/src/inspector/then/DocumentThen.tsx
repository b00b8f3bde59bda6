import { type CSSProperties, useMemo } from 'react'
import { statePath } from 'y-electric/protocol'
import { summaryInWords, summaryOf } from '../changeSummary.ts'
import { type Names, peopleOf, writersInWords } from '../clients.ts'
import { NO_COLOR } from '../colors.ts'
import { foldedInWords, type Log, type LogRow, timeOf } from '../log.ts'
import { clockInWords, exactInWords } from '../moment.ts'
import { Problem } from '../Problem.tsx'
import { Section } from '../Section.tsx'
import { bytesInWords } from '../units.ts'
import { type Stop, stopAt, stopsOf } from './stops.ts'
import { ThenText } from './ThenText.tsx'
import { useReplay } from './useReplay.ts'

/** The id of the slider, which gets the focus when a row of the list is chosen. */
export const SLIDER_ID = 'document-then'

interface DocumentThenProps {
  docId: string
  log: Log
  /** When the snapshot row was stored; null if there is none. */
  foldedAt: number | null
  rows: readonly LogRow[]
  /** The rows that the filter shows; null for all. */
  shown: ReadonlySet<LogRow> | null
  names: Names
  /** The seq of the row after which the document is shown; null if it is not shown. */
  at: number | null
  onMove: (seq: number) => void
}

/** A slider along the log, and the document as it was after the row at its position. */
export function DocumentThen({ docId, log, rows, shown, names, at, ...rest }: DocumentThenProps) {
  const { foldedAt, onMove } = rest
  const stops = useMemo(() => stopsOf(rows, shown), [rows, shown])
  const last = stops.length - 1
  const place = at === null ? last : stopAt(stops, at)
  const stop = stops[place] ?? { row: null, count: 0 }
  const words = stopInWords(stop, log, names)
  const color = colorOf(stop, names)
  return (
    <Section
      title="The document at a row"
      about={
        log.base === null
          ? 'Move along the log to see the document as it was after each row. The log has every row since the first.'
          : `Move along the log to see the document as it was after each row. The rows of ${foldedInWords(log.base)} were folded into the snapshot row${foldedAt === null ? '' : ` at ${clockInWords(foldedAt, Date.now())}`}: the log does not have them any more, so it begins with the snapshot row. Versions from before are below.`
      }
      source={statePath(docId)}
    >
      <div className="then-slider">
        <input
          id={SLIDER_ID}
          type="range"
          min={0}
          max={last}
          step={1}
          value={place}
          disabled={last === 0}
          aria-label="Row of the log"
          aria-valuetext={words}
          onChange={({ target }) => onMove(stops[Number(target.value)]?.row?.seq ?? 0)}
        />
        <p className="then-stop" data-testid="stop">
          <i className="dot" style={{ '--person': color } as CSSProperties} />
          {words}
        </p>
      </div>
      {at === null ? (
        <p className="inspector-nothing">
          {last === 0 ? 'There are no rows to show.' : 'Move the slider to show the document.'}
        </p>
      ) : (
        <Shown docId={docId} log={log} rows={rows} stop={stop} color={color} />
      )}
    </Section>
  )
}

interface ShownProps {
  docId: string
  log: Log
  rows: readonly LogRow[]
  stop: Stop
  color: string
}

function Shown({ docId, log, rows, stop: { count }, color }: ShownProps) {
  const data = useMemo(() => rows.map((row) => row.data), [rows])
  const base = log.base?.seq ?? null
  const { then, problem } = useReplay({ docId, base, rows: data, count })
  if (problem !== null) return <Problem error={problem} />
  if (then === null) return <p className="inspector-nothing">Reading the rows…</p>
  return (
    <div
      className="then"
      data-testid="then"
      data-count={then.count}
      aria-busy={then.count !== count}
    >
      <ThenText blocks={then.blocks} color={color} />
    </div>
  )
}

function colorOf({ row }: Stop, names: Names): string {
  const [writer] = row === null ? [] : peopleOf(names, summaryOf(row.data).writers)
  return writer?.color ?? NO_COLOR
}

function stopInWords({ row }: Stop, { base }: Log, names: Names): string {
  if (row === null) {
    return base === null
      ? 'Before the first row'
      : `Snapshot row · ${bytesInWords(base.bytes)} · before the rows after it`
  }
  const summary = summaryOf(row.data)
  const at = timeOf(row)
  return [
    `Row ${row.seq}`,
    ...(at === null ? [] : [`stored ${exactInWords(at, Date.now())}`]),
    `writer ${writersInWords(peopleOf(names, summary.writers))}`,
    summaryInWords(summary),
    bytesInWords(row.data.byteLength),
  ].join(' · ')
}
