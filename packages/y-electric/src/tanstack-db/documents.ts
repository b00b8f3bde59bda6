import { ElectricProviderError } from '../errors.ts'
import { docIdProblem } from '../protocol/limits.ts'
import { docPath, documentsPath, titlePath } from '../protocol/paths.ts'
import { type LiveCollection, liveCollection } from './collection.ts'
import type { CollectionOptions } from './options.ts'
import type { DocumentRow } from './rows.ts'

export interface DocumentsOptions extends CollectionOptions {
  /** Only documents whose ids begin with this. Default: all that `authorize` of the server lets the user list. */
  readonly prefix?: string
}

/** The documents of a list, by their ids. */
export type DocumentsCollection = LiveCollection<DocumentRow>

/**
 * A live TanStack DB collection of the documents that the user may list.
 *
 * - `insert(newDocument(title))` creates a document; `document_exists` if the id is taken
 * - `update(docId, (row) => { row.title = … })` renames it
 * - `delete(docId)` deletes it permanently, for everybody
 *
 * A change shows at once. If the server refuses it, the row returns to what it was, and `isPersisted` of the transaction
 * rejects with an `ElectricProviderError`.
 * @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server
 */
export function documentsCollection(options: DocumentsOptions): DocumentsCollection {
  return liveCollection<DocumentRow>(options, {
    path: documentsPath(options.prefix),
    keyOf: ({ docId }) => docId,
    async insert(server, { docId, title }) {
      const problem = docIdProblem(docId)
      if (problem !== null) throw new ElectricProviderError('invalid_doc_id', problem)
      await server.change('PUT', titlePath(docId), { title, onlyNew: true })
      return (row) => row.docId === docId
    },
    async update(server, { docId }, changes) {
      const { title } = changes
      if (title === undefined || Object.keys(changes).length > 1) {
        throw new ElectricProviderError(
          'invalid_request',
          'only the title of a document can be changed',
        )
      }
      await server.change('PUT', titlePath(docId), { title })
      return (row) => row.docId === docId && row.title === title
    },
    async remove(server, { docId }) {
      await server.change('DELETE', docPath(docId))
      return (row, operation) => operation === 'delete' && row.docId === docId
    },
  })
}
