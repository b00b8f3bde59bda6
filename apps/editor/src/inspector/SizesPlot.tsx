import { type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import { clockInWords } from './moment.ts'
import { type Plot, type PlotData, plotOf } from './plot.ts'
import { SizesTable } from './SizesTable.tsx'
import { bytesInWords, counted } from './units.ts'

const HEIGHT = 170
/** Room for the labels at the edges, in pixels. */
const MARGIN = { top: 14, right: 60, bottom: 40, left: 56 }

/** The stored bytes over time: rows raise them, and folds lower them. */
export function SizesPlot({ data }: { data: PlotData }) {
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const { turns, rows } = data
  const box = useMemo(
    () => ({ width: Math.max(60, width - MARGIN.left - MARGIN.right), height: HEIGHT }),
    [width],
  )
  const plot = useMemo(() => plotOf(data, box), [data, box])
  const words = `${bytesInWords(plot.end.bytes)} after ${counted(rows.length, 'row')} and ${counted(turns.length, 'fold')}`
  return (
    <div ref={frame} className="sizes" data-testid="sizes" data-turns={turns.length}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT + MARGIN.top + MARGIN.bottom}
          role="img"
          aria-label={`Stored bytes over time: ${words}.`}
        >
          <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
            <Axes plot={plot} {...box} />
            <Drawing plot={plot} {...box} />
          </g>
        </svg>
      )}
      {turns.length > 0 && <SizesTable turns={turns} />}
    </div>
  )
}

interface PartProps {
  plot: Plot
  width: number
  height: number
}

function Axes({ plot: { times, sizes, span }, width, height }: PartProps) {
  return (
    <>
      {sizes.map(({ at, label, y }) => (
        <g key={at} className="sizes-rule">
          <line x1={0} x2={width} y1={y} y2={y} />
          <text x={-8} y={y + 4} textAnchor="end">
            {label}
          </text>
        </g>
      ))}
      {times.map(({ at, label, x }) => (
        <g key={at} className="sizes-time">
          <line x1={x} x2={x} y1={height} y2={height + 5} />
          <text x={x} y={height + 18} textAnchor="middle">
            {label}
          </text>
        </g>
      ))}
      <text className="sizes-axis" x={0} y={height + 36}>
        stored from {clockInWords(span[0], Date.now())} to {clockInWords(span[1], Date.now())}
      </text>
    </>
  )
}

function Drawing({ plot: { line, rises, drops, end }, width, height }: PartProps) {
  const path = line.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')
  return (
    <>
      <path className="sizes-area" d={`${path}L${width} ${height}L${line[0]?.x ?? 0} ${height}Z`} />
      <path className="sizes-line" d={path} />
      {rises.map(({ x, y, to, color }) => (
        <line
          key={`${x} ${y}`}
          className="sizes-rise"
          x1={x}
          x2={x}
          y1={y}
          y2={to}
          style={{ stroke: color }}
        />
      ))}
      {drops.map(({ turn, x, y, to }) => (
        <g key={turn.seq} className="sizes-drop">
          <line x1={x} x2={x} y1={y} y2={to} />
          <circle cx={x} cy={to} r={3} />
        </g>
      ))}
      <circle className="sizes-now" cx={end.x} cy={end.y} r={4} />
      <text className="sizes-label" x={end.x + 9} y={end.y + 4}>
        {bytesInWords(end.bytes)}
      </text>
    </>
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
