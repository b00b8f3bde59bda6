import type { Limits } from '@y-electric/server'
import {
  IN_WORKER,
  type RowToSetAside,
  readSnapshot,
  type StoredDocument,
  setAside,
} from '@y-electric/server/extension'
import type pg from 'pg'
import type { Finding } from '../content/verify/findings.ts'
import { runDocumentJob } from './jobs.ts'

const REPAIRABLE: readonly string[] = [
  'row_unreadable',
  'row_breaks',
  'snapshot_unreadable',
  'snapshot_partly_bad',
  'awareness_unreadable',
]

/**
 * Moves bad rows into `ydoc_set_aside`. New rows replace them: the parts of update rows that other
 * rows wait for, and the usable part of snapshot rows.
 *
 * The newest snapshot row is not moved if it cannot be read at all: without it the document would
 * look like an older one.
 * @returns the findings that are repaired
 */
export async function repairFindings(
  pool: pg.Pool,
  docId: string,
  { newest, rows }: StoredDocument,
  findings: readonly Finding[],
  { limits, signal }: { readonly limits: Limits; readonly signal: AbortSignal },
): Promise<Finding[]> {
  const repairable = findings.filter(
    ({ code, table, seq }) =>
      REPAIRABLE.includes(code) &&
      seq !== null &&
      !(code === 'snapshot_unreadable' && table === 'ydoc_snapshot' && seq === newest?.seq),
  )
  if (repairable.length === 0) return []
  const isNewestReadable = !findings.some(
    ({ code, seq }) => code === 'snapshot_unreadable' && seq === newest?.seq,
  )
  const salvaged =
    isNewestReadable && repairable.some(({ code }) => code === 'row_unreadable')
      ? await runDocumentJob('salvageRows', { snapshot: newest, rows }, IN_WORKER, limits, {
          signal,
        })
      : []
  const bad: RowToSetAside[] = []
  for (const { code, table, seq, message } of repairable) {
    if (seq === null) continue
    const row = { table, seq, reason: message }
    if (code === 'snapshot_partly_bad') {
      const data = await readSnapshot(pool, docId, seq, signal)
      if (data === null) continue
      bad.push({
        ...row,
        replacement: await runDocumentJob('mendSnapshot', { data }, IN_WORKER, limits, { signal }),
      })
    } else {
      const replacement = salvaged.find(
        (saved) => table === 'ydoc_update' && saved.seq === seq,
      )?.data
      bad.push({ ...row, ...(replacement === undefined ? {} : { replacement }) })
    }
  }
  const moved = await setAside(pool, docId, bad)
  return repairable
    .filter((one) => moved.some(({ table, seq }) => table === one.table && seq === one.seq))
    .map((one) => ({ ...one, repaired: true }))
}
