import { type CSSProperties, memo } from 'react'
import { summaryOf } from './changeSummary.ts'
import { colorOfClient, type Names } from './clients.ts'
import { bytesOf, foldedInWords, type Log, type LogRow, type Segment } from './log.ts'
import { bytesInWords, counted } from './units.ts'

/** The most rows that are drawn individually; of a long log, the newest. */
const MOST_TICKS = 240

/** The stored rows in their segments: each row is a tick, wider if it has more bytes. */
export function LogDrawing({ log, names }: { log: Log; names: Names }) {
  let left = MOST_TICKS
  const drawn = [...log.folding, ...log.segments]
    .toReversed()
    .map((segment) => {
      const shown = segment.rows.slice(Math.max(0, segment.rows.length - left))
      left -= shown.length
      return { segment, shown, isFolding: log.folding.includes(segment) }
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
      {drawn.map(({ segment, shown, isFolding }) => (
        <SegmentBox
          key={segment.number}
          segment={segment}
          shown={shown}
          isFolding={isFolding}
          names={names}
        />
      ))}
    </div>
  )
}

interface SegmentBoxProps {
  segment: Segment
  shown: readonly LogRow[]
  isFolding: boolean
  names: Names
}

function SegmentBox({ segment, shown, isFolding, names }: SegmentBoxProps) {
  const state = isFolding ? 'folding' : segment.isSealed ? 'sealed' : 'active'
  const hidden = segment.rows.length - shown.length
  return (
    <div className="log-segment" data-state={state} data-segment={segment.number}>
      <span className="log-name">segment {segment.number}</span>
      <span className="log-rows">
        {hidden > 0 && <span className="log-more">{counted(hidden, 'earlier row')}</span>}
        {shown.map((row) => (
          <Tick key={row.seq} row={row} color={colorOf(row, names)} />
        ))}
      </span>
      <span className="log-note">
        {state} · {counted(segment.rows.length, 'row')}, {bytesInWords(bytesOf(segment.rows))}
      </span>
    </div>
  )
}

function colorOf(row: LogRow, names: Names): string | null {
  const [writer] = summaryOf(row.data).writers
  return writer === undefined ? null : colorOfClient(names, writer)
}

const Tick = memo(function Tick({ row, color }: { row: LogRow; color: string | null }) {
  const style = {
    '--size': `${widthOf(row.data.byteLength)}px`,
    ...(color === null ? {} : { '--person': color }),
  } as CSSProperties
  return (
    <i
      className="tick"
      style={style}
      data-new={row.arrivedAt !== null || undefined}
      data-seq={row.seq}
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
