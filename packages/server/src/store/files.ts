import type pg from 'pg'
import { unlessDeleted } from './deleted.ts'
import { valuePieces } from './pieces.ts'

/** A file to store. The server has checked its type, its size and its id. */
export interface NewFile {
  /** The SHA-256 of its bytes, in hexadecimal. */
  readonly id: string
  readonly contentType: string
  readonly data: Uint8Array
  /** The user that `authorize` named; null if it named none. */
  readonly createdBy: string | null
}

/** A stored file, whose bytes are read on demand. */
export interface StoredFile {
  readonly contentType: string
  readonly byteLength: number
  /** Throws if the file is deleted meanwhile. */
  readonly pieces: AsyncIterable<Uint8Array>
}

/**
 * - `stored`: the document has it now
 * - `known`: the document had it before
 * - `full`: with it, the files of the document would have more bytes than allowed
 * - `absent`: nothing was ever stored for the document; only a store that knows the documents returns this
 */
export type PutOutcome = 'stored' | 'known' | 'full' | 'absent'

/**
 * Keeps the files of documents: `postgresFiles`, or an object store of the app. The server asks `authorize` before each
 * call, and answers requests for deleted documents itself.
 */
export interface FileStore {
  /** Stores a file whole or not at all. `maxBytes` is for all files of the document together. */
  put(docId: string, file: NewFile, maxBytes: number): Promise<PutOutcome>
  /** Null if the document has no file with that id. */
  get(docId: string, id: string, signal?: AbortSignal): Promise<StoredFile | null>
  /** Called after a document was deleted, and again if its deletion is requested again. */
  deleteAll(docId: string): Promise<void>
  /** Gives a copy of a document the files of the original, under the same ids. */
  copyAll(from: string, to: string): Promise<void>
}

/** Keeps files in the database of the documents. They are deleted in the transaction that deletes their document. */
export const postgresFiles = (pool: pg.Pool): FileStore => ({
  async put(docId, { id, contentType, data, createdBy }, maxBytes) {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    const { rows } = await unlessDeleted(
      pool.query<{ outcome: PutOutcome }>(
        'SELECT ydoc_put_file($1, $2, $3, $4, $5, $6) AS outcome',
        [docId, id, contentType, bytes, createdBy, maxBytes],
      ),
    )
    const [row] = rows
    if (row === undefined) throw new Error('a function returned no row')
    return row.outcome
  },

  async get(docId, id, signal) {
    const { rows } = await pool.query<{ content_type: string; bytes: number }>(
      `SELECT content_type, length(data) AS bytes FROM ydoc_file WHERE doc_id = $1 AND file_id = $2`,
      [docId, id],
    )
    const [row] = rows
    if (row === undefined) return null
    const { content_type: contentType, bytes } = row
    const pieces = valuePieces(pool, 'ydoc_file', { docId, id, bytes }, signal)
    return { contentType, byteLength: bytes, pieces }
  },

  // `ydoc_delete` has deleted the rows.
  async deleteAll() {},

  async copyAll(from, to) {
    await unlessDeleted(pool.query('SELECT ydoc_copy_files($1, $2)', [from, to]))
  },
})
