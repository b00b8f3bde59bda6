import type pg from 'pg'
import { documentExists, unlessDeleted } from './deleted.ts'

/** A shape of a list. */
export interface ListShape {
  readonly table: string
  readonly columns: string
  readonly where: string
  readonly params: readonly string[]
}

/** The documents of a list. */
export interface Listed {
  /** Only documents whose ids begin with this; '' for all. */
  readonly prefix: string
  /** Only documents with these ids; null for all. */
  readonly documents: readonly string[] | null
}

/** An edit changes none of these columns, so a reader of the list gets no message while somebody types. */
const DOCUMENT_COLUMNS = 'doc_id,title,created_at,keep_history'

/** No document has this id. */
const NO_DOC_ID = ''

/**
 * The shape of the existing documents that a list may show (LIST-1). A document that is deleted leaves it. Equal lists are
 * the same shape, whatever the order of their ids.
 */
export function documentsShape({ prefix, documents }: Listed): ListShape {
  const existing = { table: 'ydoc_document', columns: DOCUMENT_COLUMNS }
  if (documents !== null) {
    const ids = [...new Set(documents.filter((docId) => docId.startsWith(prefix)))].sort()
    const params = ids.length === 0 ? [NO_DOC_ID] : ids
    const places = params.map((_, i) => `$${i + 1}`).join(',')
    return { ...existing, where: `deleted_at IS NULL AND doc_id IN (${places})`, params }
  }
  if (prefix === '') return { ...existing, where: 'deleted_at IS NULL', params: [] }
  const params = [`${prefix.replace(/[\\%_]/g, '\\$&')}%`]
  return { ...existing, where: 'deleted_at IS NULL AND doc_id LIKE $1', params }
}

/**
 * True for a prefix that every shape service compares alike. Electric decides about new rows with a LIKE of its own, which
 * does not know escaped characters: no new document would ever match.
 */
export const isPlainPrefix = (prefix: string): boolean => !/[\\%_]/.test(prefix)

/** The shape of the versions of a document that have a label, without their bytes. */
export const versionsShape = (docId: string): ListShape => ({
  table: 'ydoc_version',
  columns: 'seq,label,created_by,bytes,created_at',
  where: 'doc_id = $1',
  params: [docId],
})

/**
 * Makes the rows of the versions shape complete: an older schema kept versions without them.
 * @throws {RequestError} deleted
 */
export async function completeVersions(pool: pg.Pool, docId: string): Promise<void> {
  await documentExists(pool, docId)
  await pool.query('SELECT ydoc_list_versions($1)', [docId])
}

/** The result of setting a title; `exists`: the document had to be new and is not. */
export type TitleOutcome = 'created' | 'changed' | 'exists'

/**
 * Sets the title of a document, or with null removes it. It creates a document of which nothing was ever stored.
 * @param onlyNew whether a document that exists stays as it is
 * @throws {RequestError} deleted
 */
export async function setTitle(
  pool: pg.Pool,
  docId: string,
  title: string | null,
  onlyNew: boolean,
): Promise<TitleOutcome> {
  const { rows } = await unlessDeleted(
    pool.query<{ outcome: TitleOutcome }>('SELECT ydoc_set_title($1, $2, $3) AS outcome', [
      docId,
      title,
      onlyNew,
    ]),
  )
  const [row] = rows
  if (row === undefined) throw new Error('a SELECT without FROM returned no row')
  return row.outcome
}
