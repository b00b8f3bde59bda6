/** Header names and media types of the protocol, each with its contract. */

/** On `POST updates`: the batch's id, a UUID made by the client; the same on every retry. */
export const IDEMPOTENCY_KEY_HEADER = 'Idempotency-Key'

/**
 * On `POST updates`: the Yjs client id of the writer, so that the server keeps who that is. A client sends it once, and again
 * when the name changes.
 */
export const WRITER_CLIENT_HEADER = 'Y-Electric-Client'

/** On `POST updates`: the name of the writer, percent-encoded UTF-8. */
export const WRITER_NAME_HEADER = 'Y-Electric-Name'

/** The media type of an update's body: exactly one Yjs v1 update. */
export const UPDATE_MEDIA_TYPE = 'application/octet-stream'

/**
 * Query parameter of `POST updates`, `PUT`, and `POST seed`: with the value `keep`, the document keeps
 * its history from this row on. Without the parameter nothing changes.
 */
export const HISTORY_PARAM = 'history'
export const KEEP_HISTORY = 'keep'

/** The media type of state: the binary frames of `state-frames.ts`. */
export const STATE_MEDIA_TYPE = 'application/vnd.y-electric.state'

/** The media type of state, which shows whether the document keeps its history. */
export const stateMediaType = (keepHistory: boolean): string =>
  keepHistory ? `${STATE_MEDIA_TYPE}; ${HISTORY_PARAM}=${KEEP_HISTORY}` : STATE_MEDIA_TYPE

/** True if the content type of state shows that the document keeps its history. */
export const isHistoryKept = (contentType: string): boolean =>
  contentType.split(';').some((part) => part.trim() === `${HISTORY_PARAM}=${KEEP_HISTORY}`)

/** The media type of a fold's body: the binary form of `fold-frames.ts`. */
export const FOLD_MEDIA_TYPE = 'application/vnd.y-electric.fold'

/** The media type of a snapshot row: exactly one Yjs v2 update. */
export const SNAPSHOT_MEDIA_TYPE = 'application/octet-stream'

/** The media type of all presence rows: the binary frames of `presence-frames.ts`. */
export const PRESENCE_MEDIA_TYPE = 'application/vnd.y-electric.presence'

/**
 * Query parameter of `GET state`, for a client that joins: the answer begins with the frames of `join-frames.ts`. `rows`
 * has every row. With `whole` the content of many rows may be one update, for a client whose document is empty.
 */
export const JOIN_PARAM = 'join'
export const JOIN_ROWS = 'rows'
export const JOIN_WHOLE = 'whole'

/** Query parameter of `GET state`: the seq of a snapshot row that the client already has. */
export const SNAPSHOT_PARAM = 'snapshot'
