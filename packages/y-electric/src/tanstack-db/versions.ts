import { ElectricProviderError } from '../errors.ts'
import { snapshotPath, versionsPath } from '../protocol/paths.ts'
import { type LiveCollection, liveCollection } from './collection.ts'
import type { CollectionOptions } from './options.ts'
import type { VersionRow } from './rows.ts'

export interface VersionsOptions extends CollectionOptions {
  readonly docId: string
}

/** The versions of a document, by their numbers. */
export type VersionsCollection = LiveCollection<VersionRow>

/**
 * A live TanStack DB collection of the versions of one document that were kept under a name.
 *
 * - `insert(newVersion(label))` keeps the document as it is on the server
 * - `update(seq, (row) => { row.label = … })` renames a version
 * - `delete(seq)` removes its name, and with it the row: the server then treats the version like those without a name
 *
 * A change shows at once. If the server refuses it, the row returns to what it was, and `isPersisted` of the transaction
 * rejects with an `ElectricProviderError`.
 * @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server
 */
export function versionsCollection(options: VersionsOptions): VersionsCollection {
  const { docId } = options
  return liveCollection<VersionRow>(options, {
    path: versionsPath(docId),
    keyOf: ({ seq }) => seq,
    async insert(server, { label }) {
      const kept = await server.change('POST', versionsPath(docId), { label })
      const seq = typeof kept === 'object' && kept !== null && 'seq' in kept ? kept.seq : null
      return (row) => row.seq === seq
    },
    async update(server, { seq }, changes) {
      const { label } = changes
      if (label === undefined || Object.keys(changes).length > 1) {
        throw new ElectricProviderError(
          'invalid_request',
          'only the label of a version can be changed',
        )
      }
      await server.change('PATCH', snapshotPath(docId, seq), { label })
      return (row) => row.seq === seq && row.label === label
    },
    async remove(server, { seq }) {
      await server.change('PATCH', snapshotPath(docId, seq), { label: null })
      return (row, operation) => operation === 'delete' && row.seq === seq
    },
  })
}
