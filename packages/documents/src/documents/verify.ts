import { type Limits, RequestError } from '@y-electric/server'
import {
  type Asker,
  deletedError,
  findForeignRows,
  IN_WORKER,
  inspectLimited,
  presencePieces,
  readSnapshot,
  readStored,
  type StoredDocument,
  type StoredPresence,
  transferable,
  withDefaults,
} from '@y-electric/server/extension'
import type pg from 'pg'
import { isPresenceOf } from 'y-electric/protocol'
import { verifyClaim } from '../content/verify/claims.ts'
import { type Finding, finding } from '../content/verify/findings.ts'
import type { VerifyReport } from '../schemas/documents.ts'
import { runDocumentJob } from './jobs.ts'
import { repairFindings } from './repair.ts'

export type { Finding, FindingCode, FindingTable } from '../content/verify/findings.ts'

export interface VerifyOptions {
  /**
   * Moves bad rows into `ydoc_set_aside`, and appends the parts of them that other rows wait for. Rewrites
   * snapshot rows without their bad part. Default: verification changes nothing.
   */
  readonly repair?: boolean | undefined
  /**
   * Also searches all other documents for the batches of this one (`row_foreign`). This reads the keys of
   * all update rows in the database. Default: verification reads only this document.
   */
  readonly searchOthers?: boolean | undefined
  readonly limits?: Partial<Limits> | undefined
  /**
   * The user or address that makes the request, and a signal that aborts the work when the client stops
   * waiting.
   */
  readonly asker?: Asker | undefined
}

/**
 * Checks the stored rows of a document against the rules: every row decodes, the chain of segments is
 * complete, no row waits for edits that no row has, snapshot rows contain what they claim.
 *
 * It cannot detect that the last rows of a client are missing. A valid row that depends on no other row may
 * belong to another document: this is detected only with `searchOthers`, and only if the other document has
 * the row too.
 * @throws {RequestError} `not_found`, `deleted`, `document_too_large`
 */
export async function verifyDocument(
  pool: pg.Pool,
  docId: string,
  { repair = false, searchOthers = false, limits: given = {}, asker }: VerifyOptions = {},
): Promise<VerifyReport> {
  const limits = withDefaults(given)
  return inspectLimited(pool, asker, limits, async (signal) => {
    const stored = await requireStored(pool, docId, limits, signal)
    const work = { limits, signal, keepsRows: repair, searchOthers }
    const found = await findAll(pool, docId, stored, work)
    const repaired = repair ? await repairFindings(pool, docId, stored, found, work) : []
    // Repairing a row may resolve further findings.
    const left =
      repaired.length === 0
        ? found
        : await findAll(pool, docId, await requireStored(pool, docId, limits, signal), work)
    return {
      docId,
      sound: left.length === 0,
      rows: countRows(stored),
      snapshotRows: stored.claims.length,
      findings: [...repaired, ...left],
    }
  })
}

/** @throws {RequestError} `not_found`, `deleted`, `document_too_large` */
async function requireStored(
  pool: pg.Pool,
  docId: string,
  { maxReadBytes: maxBytes }: Limits,
  signal: AbortSignal,
): Promise<StoredDocument> {
  const stored = await readStored(pool, docId, { maxBytes, signal })
  if (stored === null) throw new RequestError('not_found', 'there is no such document')
  if (stored.deletedAt !== null) throw deletedError()
  return stored
}

interface Work {
  readonly limits: Limits
  readonly signal: AbortSignal
  /** Whether the update rows are still needed afterwards: otherwise they are transferred to a worker. */
  readonly keepsRows: boolean
  readonly searchOthers: boolean
}

async function findAll(
  pool: pg.Pool,
  docId: string,
  stored: StoredDocument,
  { limits, signal, keepsRows, searchOthers }: Work,
): Promise<Finding[]> {
  const { activeSegment, newest, rows, claims } = stored
  const job = { activeSegment, snapshot: newest, rows }
  // A damaged row may claim to be a document of any size, so a worker checks it.
  const foundInRows = await runDocumentJob('verifyRows', job, IN_WORKER, limits, {
    signal,
    transfer: keepsRows ? [] : transferable(...rows.data),
  })
  const isReadable = !foundInRows.some(({ code }) => code === 'snapshot_unreadable')
  return [
    ...foundInRows,
    ...(searchOthers ? await findForeign(pool, docId) : []),
    ...claims.flatMap((claim) => verifyClaim(claim, activeSegment)),
    ...(await verifyOlder(pool, docId, stored, isReadable, limits, signal)),
    ...(await verifyAllPresence(pool, docId)),
  ]
}

async function findForeign(pool: pg.Pool, docId: string): Promise<Finding[]> {
  const foreign = await findForeignRows(pool, docId)
  return foreign.map(({ seq, otherDocId }) => {
    const message = `row ${seq} is the same batch as a row of document ${JSON.stringify(otherDocId)}`
    return finding('row_foreign', 'ydoc_update', seq, message)
  })
}

/** The approximate size of a batch of snapshot rows that are checked at once, in bytes. */
const BATCH_BYTES = 32 * 1024 * 1024

/** Checked in batches: there may be many snapshot rows, and each is a whole document. */
async function verifyOlder(
  pool: pg.Pool,
  docId: string,
  { newest, claims }: StoredDocument,
  isReadable: boolean,
  limits: Limits,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = []
  let older: { seq: number; isFold: boolean; data: Uint8Array }[] = []
  let bytes = 0
  const verifyBatch = async () => {
    if (older.length === 0) return
    const job = { older, newest: isReadable ? newest : null }
    findings.push(
      ...(await runDocumentJob('verifyOlderSnapshots', job, IN_WORKER, limits, { signal })),
    )
    older = []
    bytes = 0
  }
  for (const { seq, throughSegment } of claims) {
    if (seq === newest?.seq) continue
    const data = await readSnapshot(pool, docId, seq, signal)
    // The row was pruned meanwhile.
    if (data === null) continue
    older.push({ seq, isFold: throughSegment !== null, data })
    bytes += data.byteLength
    if (bytes >= BATCH_BYTES) await verifyBatch()
  }
  await verifyBatch()
  return findings
}

async function verifyAllPresence(pool: pg.Pool, docId: string): Promise<Finding[]> {
  const findings: Finding[] = []
  for await (const rows of presencePieces(pool, docId))
    findings.push(...rows.flatMap(verifyPresence))
  return findings
}

function verifyPresence({ clientId, data }: StoredPresence): Finding[] {
  if (isPresenceOf(clientId, data)) return []
  const message = `the presence row of client ${clientId} cannot be read`
  return [finding('awareness_unreadable', 'ydoc_awareness', clientId, message)]
}

function countRows({ rows }: StoredDocument): number {
  const lengths = new DataView(
    rows.lengths.buffer,
    rows.lengths.byteOffset,
    rows.lengths.byteLength,
  )
  let count = 0
  for (let i = 0; i < rows.count; i++) if (lengths.getInt32(4 * i) > 0) count++
  return count
}
