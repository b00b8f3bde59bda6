import type pg from 'pg'
import { type ExaminedRow, examineRow } from '../content/examine.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { type Asker, inspectLimited } from '../work/limiter.ts'
import { WorkLimitError } from '../work/pool.ts'
import { serverWorkers } from '../work/run.ts'

/**
 * Checks a client's update before it is stored as a row. An update with few structs, as nearly all are, is
 * checked on the event loop; the check stops counting there when the structs are too many.
 * @throws {RequestError} `invalid_update`, `unsupported_yjs`, `update_too_complex`, `empty_update`
 */
export async function examineUpdateRow(
  pool: pg.Pool,
  update: Uint8Array,
  limits: Limits,
  asker?: Asker,
): Promise<ExaminedRow> {
  const { maxUpdateStructs, examineInlineStructs } = limits
  const inline = Math.min(maxUpdateStructs, examineInlineStructs)
  try {
    return examineRow(update, inline)
  } catch (error) {
    const isTooMuch = error instanceof RequestError && error.code === 'update_too_complex'
    if (!isTooMuch || inline === maxUpdateStructs) throw error
  }
  return inspectLimited(pool, asker, limits, (signal) => examineInWorker(update, limits, signal))
}

async function examineInWorker(
  update: Uint8Array,
  limits: Limits,
  signal: AbortSignal,
): Promise<ExaminedRow> {
  const { maxUpdateStructs: maxStructs, examineTimeoutMs: timeoutMs } = limits
  const bounds = { timeoutMs, memoryMb: limits.inspectMemoryMb, signal }
  try {
    return await serverWorkers.runInWorker('examine', { update, maxStructs }, bounds)
  } catch (error) {
    if (!(error instanceof WorkLimitError)) throw error
    const message = `update: ${error.message} to integrate. Send it in smaller parts`
    throw new RequestError('update_too_complex', message, { cause: error })
  }
}
