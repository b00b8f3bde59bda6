import { type Limits, MAX_LABEL_LENGTH, type SnapshotInfo } from '@y-electric/server'
import {
  type Asker,
  appendUpdatesInside,
  effortOf,
  insertKept,
  inspectLimited,
  inTransaction,
  requireSnapshot,
  requireSources,
  requireVersion,
  transferable,
  transferableOf,
  withDefaults,
} from '@y-electric/server/extension'
import type pg from 'pg'
import type { Restored } from '../schemas/versions.ts'
import { batchesOf } from './batches.ts'
import { runDocumentJob } from './jobs.ts'
import { weightOfVersion } from './weight.ts'

export interface RestoreOptions {
  readonly createdBy?: string | null | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Records the writer of the edits, for `GET …/writers`. These edits have their own client id. */
  readonly noteWriter?: ((clientId: number) => Promise<void>) | undefined
  /**
   * The user or address that makes the request, and a signal that aborts the work when the client stops
   * waiting.
   */
  readonly asker?: Asker | undefined
}

/**
 * Brings a document back to an older version, by new edits: history is kept, every client shows the result
 * at once, and concurrent edits are kept. The previous content becomes a named version, so that a restore
 * can be undone. All of this is one transaction.
 * @throws {RequestError} `not_found`, `document_too_large`, `deleted`
 */
export async function restoreSnapshot(
  pool: pg.Pool,
  docId: string,
  seq: number,
  { createdBy = null, limits: given, asker, noteWriter }: RestoreOptions = {},
): Promise<Restored> {
  const limits = withDefaults(given ?? {})
  const snapshot = await requireSnapshot(pool, docId, seq)
  return inspectLimited(pool, asker, limits, async (signal) => {
    const version = await requireVersion(pool, docId, seq, signal)
    const { document, sources: current } = await requireSources(
      pool,
      docId,
      undefined,
      limits,
      signal,
    )
    const weight = weightOfVersion(version) + effortOf(current)
    const { keepHistory } = document
    const job = { current, version: version.data, keepHistory }
    const { before, update, clientId } = await runDocumentJob('restore', job, weight, limits, {
      signal,
      transfer: [...transferableOf(current), ...transferable(version.data)],
    })
    if (update === null) return { docId, seq: null, kept: null }
    const batches = batchesOf(update, limits)
    const label = labelOfBefore(snapshot)
    const restored = await inTransaction(pool, async (client) => {
      const kept = { ...before, label, createdBy, createdAt: null }
      const seq = await appendUpdatesInside(client, docId, batches, limits)
      return { docId, seq, kept: await insertKept(client, docId, kept) }
    })
    await noteWriter?.(clientId)
    return restored
  })
}

const labelOfBefore = ({ label, createdAt }: SnapshotInfo): string =>
  `before restoring ${label ?? createdAt}`.slice(0, MAX_LABEL_LENGTH)
