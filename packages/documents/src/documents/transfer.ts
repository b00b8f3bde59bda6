import { type Limits, RequestError } from '@y-electric/server'
import {
  type Asker,
  IN_WORKER,
  inspectLimited,
  requireSources,
  withDefaults,
} from '@y-electric/server/extension'
import type pg from 'pg'
import { docIdProblem } from 'y-electric/protocol'
import {
  type Fingerprint,
  type ForeignUpdate,
  isSameFingerprint,
  type JoinedDocument,
} from '../content/joined.ts'
import { createFrom } from './create.ts'
import { runDocumentJob } from './jobs.ts'

export type { Fingerprint, ForeignUpdate } from '../content/joined.ts'

/**
 * - `imported`: stored now, and the stored rows have the fingerprint of the source
 * - `new`: would be stored (`dryRun`)
 * - `present`: was stored before, and has everything that the source has; it may have more by now
 * - `empty`: the source has never held anything, so there is nothing to store
 */
export type TransferState = 'imported' | 'new' | 'present' | 'empty'

/** One document of a foreign store, in this database. */
export interface TransferredDocument {
  readonly docId: string
  readonly state: TransferState
  /** Of the document in the foreign store. */
  readonly source: Fingerprint
  /** Of the stored rows, read back; null for `new` and `empty`. */
  readonly stored: Fingerprint | null
}

export interface TransferOptions {
  /** Reads, checks and compares, and stores nothing. Default: false. */
  readonly dryRun?: boolean | undefined
  readonly limits?: Partial<Limits> | undefined
  /** The user or address that makes the request, and a signal that aborts the work when the client stops waiting. */
  readonly asker?: Asker | undefined
}

/**
 * Stores a document of a foreign store, given as its updates in their order, and proves that the stored rows are the
 * same: the same edits and deletes, and the same content. A document that is already stored is only compared, so an
 * import that was interrupted can be run again.
 * @throws {RequestError} `invalid_doc_id`; `invalid_content`, `unsupported_yjs`, `document_too_large` for updates that no
 * row may hold; `document_exists` if another document has this id; `snapshot_differs` if the stored rows are not the same;
 * `deleted`, `snapshot_too_large`
 */
export async function transferDocument(
  pool: pg.Pool,
  docId: string,
  updates: readonly ForeignUpdate[],
  { dryRun = false, limits: given = {}, asker }: TransferOptions = {},
): Promise<TransferredDocument> {
  const limits = withDefaults(given)
  const problem = docIdProblem(docId)
  if (problem !== null) throw new RequestError('invalid_doc_id', problem)
  requireBytes(updates, limits)
  return inspectLimited(pool, asker, limits, async (signal) => {
    const { version, fingerprint } = await join(updates, limits, signal)
    if (fingerprint.stateVector === NO_EDITS) {
      return { docId, state: 'empty', source: fingerprint, stored: null }
    }
    const before = await readStored(pool, docId, updates, limits, signal)
    if (before !== null) return present(docId, fingerprint, before)
    if (dryRun) return { docId, state: 'new', source: fingerprint, stored: null }
    const row = await createFrom(pool, docId, version, { keepHistory: false, limits })
    const after = await readStored(pool, docId, updates, limits, signal)
    if (after === null) throw new RequestError('not_found', 'the document was removed meanwhile')
    if (row === null) return present(docId, fingerprint, after)
    if (!isSameFingerprint(after.fingerprint, fingerprint)) {
      throw new RequestError(
        'snapshot_differs',
        'the stored document differs from that of the source: keep the source, and report this',
      )
    }
    return { docId, state: 'imported', source: fingerprint, stored: after.fingerprint }
  })
}

/** The state vector of a document without edits. */
const NO_EDITS = '00'

interface Compared {
  readonly fingerprint: Fingerprint
  readonly contains: boolean
}

function present(docId: string, source: Fingerprint, stored: Compared): TransferredDocument {
  if (!stored.contains) {
    throw new RequestError(
      'document_exists',
      'a document with this id is stored already, and lacks edits of the source',
    )
  }
  return { docId, state: 'present', source, stored: stored.fingerprint }
}

/** The stored document; null if nothing was ever stored. @throws {RequestError} `deleted` */
async function readStored(
  pool: pg.Pool,
  docId: string,
  updates: readonly ForeignUpdate[],
  limits: Limits,
  signal: AbortSignal,
): Promise<Compared | null> {
  const sources = await requireSources(pool, docId, undefined, limits, signal).catch(
    (error: unknown) => {
      if (error instanceof RequestError && error.code === 'not_found') return null
      throw error
    },
  )
  if (sources === null) return null
  const job = { sources: sources.sources, updates, bounds: boundsOf(limits) }
  return runDocumentJob('compareStored', job, IN_WORKER, limits, { signal })
}

const join = (
  updates: readonly ForeignUpdate[],
  limits: Limits,
  signal: AbortSignal,
): Promise<JoinedDocument> =>
  runDocumentJob('joinUpdates', { updates, bounds: boundsOf(limits) }, IN_WORKER, limits, {
    signal,
  })

const boundsOf = ({ maxDocumentStructs, maxSnapshotBytes }: Limits) => ({
  maxDocumentStructs,
  maxSnapshotBytes,
})

/** @throws {RequestError} `document_too_large` */
function requireBytes(updates: readonly ForeignUpdate[], { maxReadBytes }: Limits): void {
  const bytes = updates.reduce((sum, { data }) => sum + data.byteLength, 0)
  if (bytes <= maxReadBytes) return
  throw new RequestError(
    'document_too_large',
    `the updates of the source have ${bytes} bytes, and at most ${maxReadBytes} are read`,
  )
}
