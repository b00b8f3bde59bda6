/** `pg_current_snapshot()`: which transactions a query could see. */
export interface PgSnapshot {
  readonly xmin: number
  readonly xmax: number
  readonly inProgress: readonly number[]
}

export function parsePgSnapshot(text: string): PgSnapshot {
  const [xmin, xmax, list = ''] = text.split(':')
  return {
    xmin: Number(xmin),
    xmax: Number(xmax),
    inProgress: list === '' ? [] : list.split(',').map(Number),
  }
}

export function isVisible(xid: number, { xmin, xmax, inProgress }: PgSnapshot): boolean {
  if (xid < xmin) return true
  return xid < xmax && !inProgress.includes(xid)
}

/** As the protocol carries it: 64-bit numbers as texts. */
export const snapshotFields = ({ xmin, xmax, inProgress }: PgSnapshot) => ({
  xip_list: inProgress.map(String),
  xmax: String(xmax),
  xmin: String(xmin),
})
