/**
 * An offset in a shape's log: after the change `op` of transaction `lsn`. The snapshot's chunks are at
 * 0_0, 0_1, …; 0_inf is after all of them.
 */
export interface Offset {
  readonly lsn: number
  readonly op: number
}

export type RequestedOffset = 'start' | 'now' | Offset

export const SNAPSHOT_END: Offset = { lsn: 0, op: Number.POSITIVE_INFINITY }

export const compareOffsets = (a: Offset, b: Offset): number =>
  a.lsn !== b.lsn ? a.lsn - b.lsn : a.op === b.op ? 0 : a.op < b.op ? -1 : 1

export const formatOffset = ({ lsn, op }: Offset): string =>
  `${lsn}_${op === Number.POSITIVE_INFINITY ? 'inf' : op}`

export function parseOffset(text: string): RequestedOffset | undefined {
  if (text === '-1') return 'start'
  if (text === 'now') return 'now'
  const match = /^(\d{1,16})_(\d{1,16}|inf)$/.exec(text)
  if (match === null) return undefined
  const lsn = Number(match[1])
  if (match[2] === 'inf') return lsn === 0 ? SNAPSHOT_END : undefined
  return { lsn, op: Number(match[2]) }
}

export const formatRequested = (offset: RequestedOffset): string =>
  offset === 'start' ? '-1' : offset === 'now' ? 'now' : formatOffset(offset)
