/** A position in the log of a shape: Electric's offset `<lsn>_<op>`. */
export interface Position {
  readonly lsn: number
  /** Infinity for `inf`, the end of a snapshot. */
  readonly op: number
}

/** @returns null for anything else, such as `-1`, `now` or a number that is not exact */
export function parsePosition(text: string | null): Position | null {
  const [, lsn, op] = /^(\d+)_(\d+|inf)$/.exec(text ?? '') ?? []
  if (lsn === undefined || op === undefined) return null
  const position = { lsn: Number(lsn), op: op === 'inf' ? Number.POSITIVE_INFINITY : Number(op) }
  const isExact = Number.isSafeInteger(position.lsn) && (op === 'inf' || isOp(position.op))
  return isExact ? position : null
}

const isOp = (op: number): boolean => Number.isSafeInteger(op) && op >= 0

export const formatPosition = ({ lsn, op }: Position): string =>
  `${lsn}_${op === Number.POSITIVE_INFINITY ? 'inf' : op}`

/** Negative if `a` is before `b`, 0 if they are equal. */
export function comparePositions(a: Position, b: Position): number {
  if (a.lsn !== b.lsn) return a.lsn - b.lsn
  return a.op === b.op ? 0 : a.op - b.op
}

export const laterPosition = (a: Position, b: Position): Position =>
  comparePositions(a, b) < 0 ? b : a
