// Tells which rows a test may count. Each suite has its own database, except behind a real
// Electric: it reads one database, which all suites of a run share, and which contains the rows of
// earlier runs.
import { randomUUID } from 'node:crypto'
import type pg from 'pg'

const named: string[] = []
const shared = new WeakSet<object>()

/** An id that no other test uses. */
export function freshDocId(name = 'doc'): string {
  const docId = `${name}-${randomUUID()}`
  named.push(docId)
  return docId
}

/**
 * Called when a suite has ended: the next one in this process does not read its rows, which may be hundreds of
 * megabytes, each time it compares all of its own.
 */
export function forgetOwnDocuments(): void {
  named.length = 0
}

/** Records that other suites also write to the database of this pool. */
export function markShared(pool: pg.Pool): void {
  shared.add(pool)
}

/** Whether other suites also write to the database of this pool. */
export const isShared = (pool: pg.Pool): boolean => shared.has(pool)

/**
 * The documents whose rows this test may compare as a whole. In a shared database these are the
 * documents that this suite created. A process runs one test file at a time.
 *
 * @returns null for all documents of the database
 */
export const ownDocuments = (pool: pg.Pool): readonly string[] | null =>
  isShared(pool) ? named : null

/** A condition on `doc_id` for a query whose first parameter is the result of `ownDocuments`. */
export const IS_OWN_DOCUMENT = '($1::text[] IS NULL OR doc_id = ANY($1))'
