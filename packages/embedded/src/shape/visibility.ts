/** `pg_current_snapshot()`: the transactions that a query could see. */
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

/** The fields in the protocol's format: 64-bit numbers as strings. */
export const snapshotFields = ({ xmin, xmax, inProgress }: PgSnapshot) => ({
  xip_list: inProgress.map(String),
  xmax: String(xmax),
  xmin: String(xmin),
})
