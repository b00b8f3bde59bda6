import { type RefObject, useEffect, useRef, useState } from 'react'
import { whenInWords } from '../documents/when.ts'
import { type Saw, sawOf, type Turn } from './sizes.ts'
import { bytesInWords } from './units.ts'

const HEIGHT = 150
const MOST_TURNS = 24
/** Room for the labels at the edges, in pixels. */
const MARGIN = { top: 18, right: 64, bottom: 20, left: 4 }

/** The stored bytes: they grow with rows and shrink at each compaction. */
export function SizesPlot({ turns, nowBytes }: { turns: readonly Turn[]; nowBytes: number }) {
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const shown = turns.slice(-MOST_TURNS)
  const box = { width: Math.max(60, width - MARGIN.left - MARGIN.right), height: HEIGHT }
  const saw = sawOf(shown, nowBytes, box)
  return (
    <div ref={frame} className="sizes" data-testid="sizes" data-turns={turns.length}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT + MARGIN.top + MARGIN.bottom}
          role="img"
          aria-label={`Stored bytes over ${turns.length} compactions; now ${bytesInWords(nowBytes)}. The table below has the numbers.`}
        >
          <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
            <Drawing saw={saw} nowBytes={nowBytes} {...box} />
          </g>
        </svg>
      )}
      {shown.length > 0 && <SizesTable turns={shown} />}
    </div>
  )
}

interface DrawingProps {
  saw: Saw
  nowBytes: number
  width: number
  height: number
}

function Drawing({ saw, nowBytes, width, height }: DrawingProps) {
  const path = saw.line.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')
  return (
    <>
      {[0, 0.5, 1].map((part) => (
        <g key={part} className="sizes-rule">
          <line x1={0} x2={width} y1={height * (1 - part)} y2={height * (1 - part)} />
          {part > 0 && (
            <text x={0} y={height * (1 - part) - 5}>
              {bytesInWords(Math.round(saw.top * part))}
            </text>
          )}
        </g>
      ))}
      <path className="sizes-area" d={`${path}L${width} ${height}L0 ${height}Z`} />
      <path className="sizes-line" d={path} />
      {saw.drops.map(({ turn, x, from, to }) => (
        <g key={turn.seq} className="sizes-drop">
          <line x1={x} x2={x} y1={from} y2={to} />
          <circle cx={x} cy={to} r={3} />
        </g>
      ))}
      <circle className="sizes-now" cx={saw.now.x} cy={saw.now.y} r={4} />
      <text className="sizes-label" x={saw.now.x + 9} y={saw.now.y + 4}>
        {bytesInWords(nowBytes)}
      </text>
      <text className="sizes-axis" x={width} y={height + 15} textAnchor="end">
        now
      </text>
      {saw.drops.length > 0 && (
        <text className="sizes-axis" x={saw.drops[0]?.x} y={height + 15} textAnchor="middle">
          {saw.drops.length === 1 ? 'compaction' : 'compactions'}
        </text>
      )}
    </>
  )
}

function SizesTable({ turns }: { turns: readonly Turn[] }) {
  const now = Date.now()
  return (
    <details className="sizes-table">
      <summary>The numbers</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Rows</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {turns.toReversed().map(({ seq, at, rows, before, after, isExact }) => (
            <tr key={seq}>
              <td>{whenInWords(Date.parse(at), now)}</td>
              <td>{rows.toLocaleString('en')}</td>
              <td>
                {isExact ? '' : 'at least '}
                {bytesInWords(before)}
              </td>
              <td>{bytesInWords(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

function useWidth(frame: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (frame.current === null) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width))
    })
    observer.observe(frame.current)
    return () => observer.disconnect()
  }, [frame])
  return width
}
