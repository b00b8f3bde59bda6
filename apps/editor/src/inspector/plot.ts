import { byteTicks, type Tick, timeTicks } from './axis.ts'
import type { Turn } from './sizes.ts'

/** A row in the plot. */
export interface PlotRow {
  readonly at: number
  readonly bytes: number
  readonly color: string
}

export interface PlotData {
  /** The folds, oldest first; empty if only some rows are shown. */
  readonly turns: readonly Turn[]
  /** The bytes of the snapshot row, unless only some rows are shown, and of rows whose times are not known. */
  readonly startBytes: number
  /** In their order in the log. */
  readonly rows: readonly PlotRow[]
  /** The ends of the span that was chosen; null for the first and the last change. */
  readonly from: number | null
  readonly to: number | null
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** A plot of stored bytes over time: each row raises it in the colour of its writer, and each fold lowers it. */
export interface Plot {
  readonly line: readonly Point[]
  readonly rises: readonly (Point & { readonly to: number; readonly color: string })[]
  readonly drops: readonly (Point & { readonly to: number; readonly turn: Turn })[]
  readonly end: Point & { readonly bytes: number }
  readonly times: readonly (Tick & { readonly x: number })[]
  readonly sizes: readonly (Tick & { readonly y: number })[]
  /** The first and the last moment. */
  readonly span: readonly [from: number, to: number]
}

/** The minimum of the height, so that a small document looks small, and of the width. */
const LEAST_BYTES = 1_000
const LEAST_MS = 2_000
/** The room for the label of a time, in pixels. */
const LABEL_WIDTH = 76

export function plotOf(
  data: PlotData,
  box: { readonly width: number; readonly height: number },
): Plot {
  const { turns, startBytes, rows } = data
  const span = spanOf(data)
  const total = rows.reduce((sum, { bytes }) => sum + bytes, startBytes)
  const most = Math.max(
    LEAST_BYTES,
    total,
    ...turns.flatMap(({ before, after }) => [before, after]),
  )
  const sizes = byteTicks(most)
  const top = sizes.at(-1)?.at ?? most
  const x = (at: number) => Math.round((box.width * (at - span[0])) / (span[1] - span[0]))
  const y = (bytes: number) => box.height * (1 - bytes / top)

  const drops = turns.map((turn) => ({
    turn,
    x: x(Date.parse(turn.at)),
    y: y(turn.before),
    to: y(turn.after),
  }))
  const line: Point[] = drops.flatMap((drop) => [
    { x: drop.x, y: drop.y },
    { x: drop.x, y: drop.to },
  ])
  if (line.length === 0) line.push({ x: 0, y: y(startBytes) })

  const rises: { x: number; y: number; to: number; color: string }[] = []
  let bytes = startBytes
  let reached = line.at(-1)?.x ?? 0
  for (const row of rows) {
    const from = y(bytes)
    bytes += row.bytes
    const to = y(bytes)
    // A row of an open segment may be stored before the fold of the segments before it.
    const at = Math.max(x(row.at), reached)
    const last = rises.at(-1)
    if (last?.x === at) line[line.length - 1] = { x: at, y: to }
    else line.push({ x: at, y: from }, { x: at, y: to })
    if (last?.x === at && last.color === row.color) last.to = to
    else rises.push({ x: at, y: from, to, color: row.color })
    reached = at
  }
  const end = { x: box.width, y: y(bytes), bytes }
  line.push(end)
  return {
    line,
    rises,
    drops,
    end,
    times: timeTicks(...span, Math.max(1, Math.floor(box.width / LABEL_WIDTH))).map((tick) => ({
      ...tick,
      x: x(tick.at),
    })),
    sizes: sizes.map((tick) => ({ ...tick, y: y(tick.at) })),
    span,
  }
}

function spanOf({ turns, rows, from, to }: PlotData): readonly [number, number] {
  const moments = [...turns.map(({ at }) => Date.parse(at)), ...rows.map(({ at }) => at)]
  const first = from ?? smallest(moments) ?? to ?? 0
  const last = to ?? largest(moments) ?? first
  return [first, Math.max(last, first + LEAST_MS)]
}

// Not with spread arguments, which are too many for a long log.
const smallest = (numbers: readonly number[]) =>
  numbers.reduce<number | undefined>(
    (one, other) => (one !== undefined && one < other ? one : other),
    undefined,
  )
const largest = (numbers: readonly number[]) =>
  numbers.reduce<number | undefined>(
    (one, other) => (one !== undefined && one > other ? one : other),
    undefined,
  )
