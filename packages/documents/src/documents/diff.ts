import type { Limits } from '@y-electric/server'
import {
  type Asker,
  inspectLimited,
  requireVersion,
  versionAt,
  withDefaults,
} from '@y-electric/server/extension'
import type pg from 'pg'
import type { ContentDifference } from '../content/difference.ts'
import { runDocumentJob } from './jobs.ts'
import { weightOfVersion } from './weight.ts'

/** The difference between two versions. */
export interface Difference extends ContentDifference {
  readonly docId: string
  readonly from: number
  readonly to: number | 'now'
}

export interface DiffOptions {
  /** The seq of a snapshot row. */
  readonly from: number
  readonly to: number | 'now'
  readonly limits?: Partial<Limits> | undefined
  /**
   * The user or address that makes the request, and a signal that aborts the work when the client
   * stops waiting.
   */
  readonly asker?: Asker | undefined
}

/**
 * Compares a version with another one, or with now: text by words, everything else by its path.
 * Takes bounded time; `isCut` is true if that was not enough.
 * @throws {RequestError} `not_found`, `deleted`
 */
export async function diffSnapshots(
  pool: pg.Pool,
  docId: string,
  { from, to, limits: given, asker }: DiffOptions,
): Promise<Difference> {
  const limits = withDefaults(given ?? {})
  const bounds = { maxEdits: limits.maxDiffEdits, timeoutMs: limits.diffTimeoutMs }
  return inspectLimited(pool, asker, limits, async (signal) => {
    const [before, after] = await Promise.all([
      requireVersion(pool, docId, from, signal),
      versionAt(pool, docId, to === 'now' ? undefined : to, limits, signal),
    ])
    const job = { from: before.data, to: after.data, bounds }
    const weight = weightOfVersion(before) + weightOfVersion(after)
    return { docId, from, to, ...(await runDocumentJob('diff', job, weight, limits, { signal })) }
  })
}
