/** The HTTP paths of the protocol, relative to the server's mount point. */

const doc = (docId: string): string => `/docs/${encodeURIComponent(docId)}`

/** `POST`: append one update. */
export const updatesPath = (docId: string): string => `${doc(docId)}/updates`

/** `GET`: state, as binary frames. */
export const statePath = (docId: string): string => `${doc(docId)}/state`

/** `GET`: the shape of one segment's update rows. */
export const segmentPath = (docId: string, segment: number): string =>
  `${doc(docId)}/segments/${segment}`

/** `GET`: is the database reachable, and the shape service? */
export const healthPath = '/health'
