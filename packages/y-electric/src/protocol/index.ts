export {
  ERROR_STATUS,
  type ErrorBody,
  parseErrorBody,
  type ServerErrorCode,
} from './error-codes.ts'
export {
  IDEMPOTENCY_KEY_HEADER,
  SNAPSHOT_PARAM,
  STATE_MEDIA_TYPE,
  UPDATE_MEDIA_TYPE,
} from './headers.ts'
export { docIdProblem, isBatchId, MAX_DOC_ID_LENGTH, MAX_UPDATE_BYTES } from './limits.ts'
export { healthPath, segmentPath, statePath, updatesPath } from './paths.ts'
export {
  decodeState,
  encodeState,
  type SnapshotRow,
  type State,
  type UpdateRow,
} from './state-frames.ts'
export { type DecodedUpdate, decodeUpdate, isEmptyUpdate } from './update-decoding.ts'
export { mergeUpdates, splitUpdate } from './update-encoding.ts'
