import type { SnapshotInfo } from '@y-electric/server'

/** One compaction: the bytes stored right before it and right after it. */
export interface Turn {
  readonly seq: number
  /** ISO 8601. */
  readonly at: string
  /** The update rows that the fold replaced. */
  readonly rows: number
  readonly before: number
  readonly after: number
  /** False if the previous snapshot row no longer exists; the size was then `before` or more. */
  readonly isExact: boolean
}

/** The known compactions, oldest first. */
export function turnsOf(snapshots: readonly SnapshotInfo[]): Turn[] {
  const folds = snapshots
    .filter(({ throughSegment }) => throughSegment !== null)
    .sort((one, other) => one.seq - other.seq)
  return folds.map((fold, index) => {
    const previous = folds[index - 1]?.bytes ?? 0
    const before = previous + fold.foldedBytes
    return {
      seq: fold.seq,
      at: fold.createdAt,
      rows: fold.foldedRows,
      before: Math.max(before, index === 0 ? fold.bytes : 0),
      after: fold.bytes,
      isExact: index > 0 || before >= fold.bytes,
    }
  })
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** A sawtooth line: it rises with rows and falls where they are folded. */
export interface Saw {
  readonly line: readonly Point[]
  readonly drops: readonly {
    readonly turn: Turn
    readonly x: number
    readonly from: number
    readonly to: number
  }[]
  readonly now: Point
  /** The size at the upper edge, in bytes. */
  readonly top: number
}

/** The minimum height of the scale, so that a small document looks small. */
const LEAST_TOP = 1_000

/**
 * Draws the sizes into a box: one step to the right for each compaction, and one for the current
 * size.
 */
export function sawOf(
  turns: readonly Turn[],
  nowBytes: number,
  box: { readonly width: number; readonly height: number },
): Saw {
  const top = roundUp(
    Math.max(nowBytes, ...turns.flatMap(({ before, after }) => [before, after]), LEAST_TOP),
  )
  const x = (step: number) => (box.width * step) / (turns.length + 1)
  const y = (bytes: number) => box.height * (1 - bytes / top)
  const drops = turns.map((turn, index) => ({
    turn,
    x: x(index + 1),
    from: y(turn.before),
    to: y(turn.after),
  }))
  const now = { x: box.width, y: y(nowBytes) }
  const line = [
    { x: 0, y: box.height },
    ...drops.flatMap((drop) => [
      { x: drop.x, y: drop.from },
      { x: drop.x, y: drop.to },
    ]),
    now,
  ]
  return { line, drops, now, top }
}

/** The next round number: 1, 2 or 5 followed by zeros. */
function roundUp(bytes: number): number {
  const power = 10 ** Math.floor(Math.log10(bytes))
  const factor = [1, 2, 5, 10].find((each) => each * power >= bytes) ?? 10
  return factor * power
}
