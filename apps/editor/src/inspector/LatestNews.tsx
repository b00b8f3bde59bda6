import { type CSSProperties, useState } from 'react'
import { summaryInWords, summaryOf } from './changeSummary.ts'
import { type Names, peopleOf, writersInWords } from './clients.ts'
import { NO_COLOR } from './colors.ts'
import { type Entry, entriesOf } from './entries.ts'
import { type LogRow, type Turning, timeOf } from './log.ts'
import { Moment } from './Moment.tsx'
import { useNow } from './timing.ts'
import { bytesInWords, counted } from './units.ts'

const FEW = 8
/** How many more lines each press of the button shows. */
const STEP = 50
const CLOCK_MS = 20_000

interface LatestNewsProps {
  /** The rows to show, in their order in the log. */
  rows: readonly LogRow[]
  turnings: readonly Turning[]
  names: Names
  /** The seq of the row after which the document is shown; null if it is not shown. */
  at: number | null
  onChosen: (seq: number) => void
}

/** The latest rows, rolls and folds. */
export function LatestNews({ rows, turnings, names, at, onChosen }: LatestNewsProps) {
  const [most, setMost] = useState(FEW)
  const now = useNow(CLOCK_MS)
  const more = rows.length + turnings.length - most
  const [latest] = turnings
  return (
    <>
      {rows.length + turnings.length > 0 && (
        <table className="news">
          <caption className="visually-hidden">The latest rows, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Row</th>
              <th scope="col">Change</th>
              <th scope="col">Writer</th>
              <th scope="col">Size</th>
              <th scope="col">Stored</th>
            </tr>
          </thead>
          <tbody>
            {entriesOf(rows, turnings, most).map((entry) =>
              entry.kind === 'row' ? (
                <RowLine
                  key={`row ${entry.row.seq} ${entry.row.segment}`}
                  row={entry.row}
                  names={names}
                  now={now}
                  isChosen={entry.row.seq === at}
                  onChosen={onChosen}
                />
              ) : (
                <TurningLine key={keyOf(entry)} turning={entry} now={now} />
              ),
            )}
          </tbody>
        </table>
      )}
      {(more > 0 || most > FEW) && (
        <div className="news-buttons">
          {more > 0 && (
            <button type="button" className="button-quiet" onClick={() => setMost(most + STEP)}>
              Show {Math.min(more, STEP)} more
            </button>
          )}
          {most > FEW && (
            <button type="button" className="button-quiet" onClick={() => setMost(FEW)}>
              Show fewer
            </button>
          )}
        </div>
      )}
      <p className="visually-hidden" role="status">
        {latest === undefined ? '' : turningInWords(latest)}
      </p>
    </>
  )
}

interface RowLineProps {
  row: LogRow
  names: Names
  now: number
  isChosen: boolean
  onChosen: (seq: number) => void
}

function RowLine({ row, names, now, isChosen, onChosen }: RowLineProps) {
  const { seq, data, arrivedAt } = row
  const summary = summaryOf(data)
  const writers = peopleOf(names, summary.writers)
  const at = timeOf(row)
  const style = { '--person': writers[0]?.color ?? NO_COLOR } as CSSProperties
  return (
    <tr
      data-kind="row"
      data-new={arrivedAt !== null || undefined}
      data-bad={summary.problem !== null || undefined}
    >
      <td>
        <button
          type="button"
          className="news-row"
          aria-label={`Row ${seq}: show the document after it`}
          aria-current={isChosen || undefined}
          onClick={() => onChosen(seq)}
        >
          {seq}
        </button>
      </td>
      <td>{summaryInWords(summary)}</td>
      <td>
        <i className="dot" style={style} />
        {writersInWords(writers)}
      </td>
      <td>{bytesInWords(data.byteLength)}</td>
      <td>{at === null ? 'not known' : <Moment at={at} now={now} />}</td>
    </tr>
  )
}

function TurningLine({ turning, now }: { turning: Turning; now: number }) {
  return (
    <tr className="news-turning" data-kind={turning.kind}>
      <td />
      <td colSpan={3}>{turningInWords(turning)}</td>
      <td>
        <Moment at={turning.at} now={now} />
      </td>
    </tr>
  )
}

const keyOf = (turning: Exclude<Entry, { kind: 'row' }>): string =>
  turning.kind === 'roll' ? `roll ${turning.segment}` : `fold ${turning.through}`

function turningInWords(turning: Turning): string {
  if (turning.kind === 'roll') {
    return `Segment ${turning.segment} was sealed with ${counted(turning.rows, 'row')}; segment ${turning.segment + 1} is active.`
  }
  return `${counted(turning.rows, 'row')} folded into one snapshot row: ${bytesInWords(turning.before)} became ${bytesInWords(turning.after)}.`
}
