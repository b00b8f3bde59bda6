/** The HTTP paths of the protocol, relative to the server's mount point. */

const doc = (docId: string): string => `/docs/${encodeURIComponent(docId)}`

/** `POST`: append one update. */
export const updatesPath = (docId: string): string => `${doc(docId)}/updates`

/** `GET`: state, as binary frames. */
export const statePath = (docId: string): string => `${doc(docId)}/state`

/** `GET`: the shape of one segment's update rows. */
export const segmentPath = (docId: string, segment: number): string =>
  `${doc(docId)}/segments/${segment}`

/** `POST`: roll. */
export const segmentsPath = (docId: string): string => `${doc(docId)}/segments`

/** `POST`: fold. `GET`: list snapshot rows, and with a seq behind it read one. */
export const snapshotsPath = (docId: string): string => `${doc(docId)}/snapshots`

/** `GET`: the shape of everybody's presence. */
export const awarenessPath = (docId: string): string => `${doc(docId)}/awareness`

/** `GET`: everybody's presence now, as binary frames. */
export const awarenessRowsPath = (docId: string): string => `${doc(docId)}/awareness/rows`

/** `PUT`, `DELETE`: one client's presence. */
export const clientAwarenessPath = (docId: string, clientId: number): string =>
  `${doc(docId)}/awareness/${clientId}`

/** `GET`: is the database reachable, and the shape service? */
export const healthPath = '/health'
