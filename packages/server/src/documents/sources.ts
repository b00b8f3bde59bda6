import type pg from 'pg'
import type { Sources } from '../compaction/sources.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { deletedError } from '../store/deleted.ts'
import { readVersion } from '../store/index.ts'
import { type DocumentSources, readSources } from '../store/sources.ts'

/** The sources of a document as it is now, or as it was when the given snapshot row was written. */
export interface ReadSources {
  readonly document: DocumentSources
  readonly sources: Sources
}

/**
 * @param at the seq of a snapshot row; default: the document as it is now
 * @throws {RequestError} `not_found`, `deleted`, `document_too_large`
 */
export async function requireSources(
  pool: pg.Pool,
  docId: string,
  at: number | undefined,
  { maxReadBytes: maxBytes }: Limits,
  signal?: AbortSignal,
): Promise<ReadSources> {
  const document = await readSources(pool, docId, { maxBytes, signal })
  if (document === null) throw new RequestError('not_found', 'there is no such document')
  if (document.deletedAt !== null) throw deletedError()
  const { snapshot, rows, structs } = document
  if (at === undefined) {
    return { document, sources: { previous: snapshot?.data ?? null, rows, structs } }
  }
  const version = at === snapshot?.seq ? snapshot : await readVersion(pool, docId, at, signal)
  if (version === null) throw new RequestError('not_found', `there is no snapshot row ${at}`)
  return { document, sources: { previous: version.data, rows: [], structs: version.structs } }
}
