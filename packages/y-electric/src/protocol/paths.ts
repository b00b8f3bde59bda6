/** The HTTP paths of the protocol, relative to the server's mount point. */
import { HISTORY_PARAM, JOIN_PARAM, JOIN_ROWS, JOIN_WHOLE, KEEP_HISTORY } from './headers.ts'

const doc = (docId: string): string => `/docs/${encodeURIComponent(docId)}`

/** `GET`: list documents. */
export const docsPath = '/docs'

/** `GET`: the shape of the documents of a list; `prefix`: only ids that begin with this. */
export const documentsPath = (prefix = ''): string =>
  prefix === '' ? '/documents' : `/documents?prefix=${encodeURIComponent(prefix)}`

/** `PUT`: set the title that lists show. */
export const titlePath = (docId: string): string => `${doc(docId)}/title`

/** `GET`: inspect. `PUT`: import. `DELETE`: delete. */
export const docPath = doc

/** `GET`: check the stored data against the rules. */
export const verifyPath = (docId: string): string => `${doc(docId)}/verify`

/** `POST`: write content into a document that was never stored. */
export const seedPath = (docId: string): string => `${doc(docId)}/seed`

/** `POST`: copy into another document. */
export const copyPath = (docId: string): string => `${doc(docId)}/copy`

/** `GET`: the difference between two snapshot rows, or between one and now. */
export const diffPath = (docId: string): string => `${doc(docId)}/diff`

/** `POST`: append one update; `keepHistory`: of a client with `gc: false`. */
export const updatesPath = (docId: string, keepHistory = false): string =>
  `${doc(docId)}/updates${keepHistory ? `?${HISTORY_PARAM}=${KEEP_HISTORY}` : ''}`

/** `GET`: state, as binary frames. */
export const statePath = (docId: string): string => `${doc(docId)}/state`

/** `GET`: state for a client that joins. `isEmpty`: its document holds nothing. */
export const joinPath = (docId: string, isEmpty: boolean): string =>
  `${statePath(docId)}?${JOIN_PARAM}=${isEmpty ? JOIN_WHOLE : JOIN_ROWS}`

/** `GET`: the shape of one segment's update rows. */
export const segmentPath = (docId: string, segment: number): string =>
  `${doc(docId)}/segments/${segment}`

/** `POST`: roll. */
export const segmentsPath = (docId: string): string => `${doc(docId)}/segments`

/** `POST`: replace sealed segments by a snapshot row. */
export const foldsPath = (docId: string): string => `${doc(docId)}/folds`

/** `GET`: the shape of the versions with a label. `POST`: keep the document under a name, as a snapshot row. */
export const versionsPath = (docId: string): string => `${doc(docId)}/versions`

/** `GET`: list the writers whose names are known. */
export const writersPath = (docId: string): string => `${doc(docId)}/writers`

/** `POST`: store a file. */
export const filesPath = (docId: string): string => `${doc(docId)}/files`

/** `GET`: the bytes of one file. */
export const filePath = (docId: string, id: string): string => `${filesPath(docId)}/${id}`

/** `GET`: list snapshot rows. */
export const snapshotsPath = (docId: string): string => `${doc(docId)}/snapshots`

/** `GET`: the bytes of one snapshot row. `PATCH`: its label. */
export const snapshotPath = (docId: string, seq: number): string => `${snapshotsPath(docId)}/${seq}`

/** `POST`: restore the content of a snapshot row. */
export const restorePath = (docId: string, seq: number): string =>
  `${snapshotPath(docId, seq)}/restore`

/** `GET`: the shape of all presence rows. */
export const awarenessPath = (docId: string): string => `${doc(docId)}/awareness`

/** `GET`: all current presence rows, as binary frames. */
export const awarenessRowsPath = (docId: string): string => `${doc(docId)}/awareness/rows`

/** `PUT`, `DELETE`: one client's presence. */
export const clientAwarenessPath = (docId: string, clientId: number): string =>
  `${doc(docId)}/awareness/${clientId}`

/** `GET`: whether the database and the shape service are reachable. */
export const healthPath = '/health'

/** `GET`: every route, as an OpenAPI document. */
export const openApiPath = '/openapi.json'
