/** Live collections of TanStack DB: the documents of a server, and the versions of a document. */
export {
  type DocumentsCollection,
  type DocumentsOptions,
  documentsCollection,
} from './documents.ts'
export type { CollectionOptions } from './options.ts'
export { type DocumentRow, newDocument, newVersion, type VersionRow } from './rows.ts'
export { type VersionsCollection, type VersionsOptions, versionsCollection } from './versions.ts'
