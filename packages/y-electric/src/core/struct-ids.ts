import * as Y from 'yjs'
import { type IdRanges, idRange } from '../protocol/id-ranges.ts'
import type { Struct } from '../protocol/update-decoding.ts'

/** The ids of a struct. */
export const idsOf = ({ id, length }: Struct): IdRanges => idRange(id.client, id.clock, length)

/** True if the structs contain edits of a client that the document does not have yet. */
export const bringsMoreOf = (doc: Y.Doc, client: number, structs: readonly Struct[]): boolean =>
  structs.some(
    ({ id, length }) => id.client === client && id.clock + length > Y.getState(doc.store, client),
  )

/** True if edits of a client are deleted that the document does not have yet: Yjs would delete them when they are made. */
export const deletesMoreOf = (doc: Y.Doc, client: number, deletes: IdRanges): boolean =>
  (deletes.clients.get(client) ?? []).some(
    ({ clock, len }) => clock + len > Y.getState(doc.store, client),
  )
