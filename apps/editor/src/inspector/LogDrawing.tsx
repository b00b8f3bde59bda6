import { type CSSProperties, memo } from 'react'
import { summaryOf } from './changeSummary.ts'
import { type Names, peopleOf, writersInWords } from './clients.ts'
import { bytesOf, foldedInWords, type Log, type LogRow, type Segment, timeOf } from './log.ts'
import { exactInWords } from './moment.ts'
import { bytesInWords, counted } from './units.ts'

/** The most rows that are drawn individually; of a long log, the newest. */
const MOST_TICKS = 240

interface LogDrawingProps {
  log: Log
  names: Names
  /** The rows to draw; null for all. */
  shown: ReadonlySet<LogRow> | null
}

/** The stored rows in their segments: each row is a tick, wider if it has more bytes. */
export function LogDrawing({ log, names, shown }: LogDrawingProps) {
  let left = MOST_TICKS
  const drawn = [...log.folding, ...log.segments]
    .toReversed()
    .map((segment) => {
      const rows = shown === null ? segment.rows : segment.rows.filter((row) => shown.has(row))
      const ticks = rows.slice(Math.max(0, rows.length - left))
      left -= ticks.length
      return { segment, rows, ticks, isFolding: log.folding.includes(segment) }
    })
    .toReversed()
  return (
    <div className="log" role="img" aria-label={inWords(log)} data-testid="log">
      {log.base !== null && (
        <div className="log-base" key={log.base.seq} data-seq={log.base.seq}>
          <span className="log-name">snapshot row</span>
          <span className="log-base-body">{bytesInWords(log.base.bytes)}</span>
          <span className="log-note">{foldedInWords(log.base)}</span>
        </div>
      )}
      {drawn.map((each) => (
        <SegmentBox key={each.segment.number} {...each} names={names} />
      ))}
    </div>
  )
}

interface SegmentBoxProps {
  segment: Segment
  /** The rows to draw, and those of them that have room. */
  rows: readonly LogRow[]
  ticks: readonly LogRow[]
  isFolding: boolean
  names: Names
}

function SegmentBox({ segment, rows, ticks, isFolding, names }: SegmentBoxProps) {
  const state = isFolding ? 'folding' : segment.isSealed ? 'sealed' : 'active'
  const hidden = rows.length - ticks.length
  const all = segment.rows.length
  return (
    <div className="log-segment" data-state={state} data-segment={segment.number}>
      <span className="log-name">segment {segment.number}</span>
      <span className="log-rows">
        {hidden > 0 && <span className="log-more">{counted(hidden, 'earlier row')}</span>}
        {ticks.map((row) => (
          <Tick key={row.seq} row={row} names={names} />
        ))}
      </span>
      <span className="log-note">
        {state} · {rows.length === all ? '' : `${rows.length.toLocaleString('en')} of `}
        {counted(all, 'row')}, {bytesInWords(bytesOf(rows))}
      </span>
    </div>
  )
}

const Tick = memo(function Tick({ row, names }: { row: LogRow; names: Names }) {
  const { seq, data, arrivedAt } = row
  const writers = peopleOf(names, summaryOf(data).writers)
  const [first] = writers
  const at = timeOf(row)
  const style = {
    '--size': `${widthOf(data.byteLength)}px`,
    ...(first === undefined ? {} : { '--person': first.color }),
  } as CSSProperties
  const stored = at === null ? [] : [`stored ${exactInWords(at, Date.now())}`]
  const words = [`Row ${seq}`, ...stored, writersInWords(writers), bytesInWords(data.byteLength)]
  return (
    <i
      className="tick"
      style={style}
      title={words.join(', ')}
      data-new={arrivedAt !== null || undefined}
      data-seq={seq}
    />
  )
})

/**
 * The width grows with the logarithm of the bytes, so that both one letter and a pasted page are
 * visible.
 */
function widthOf(bytes: number): number {
  return Math.round(Math.min(64, Math.max(3, 4 * Math.log2(bytes / 10))))
}

function inWords({ base, segments }: Log): string {
  const rows = segments.map(
    ({ number, isSealed, rows }) =>
      `segment ${number}, ${isSealed ? 'sealed' : 'active'}, with ${counted(rows.length, 'row')}`,
  )
  const stored = base === null ? [] : [`a snapshot row of ${bytesInWords(base.bytes)}`]
  return `The stored log: ${[...stored, ...rows].join('; ')}.`
}
