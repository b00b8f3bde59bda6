export { applyRow, endingTransactions } from './applying.ts'
export { type BuiltRows, buildRows, type FoldSources } from './building.ts'
export {
  ERROR_STATUS,
  type ErrorBody,
  parseErrorBody,
  type ServerErrorCode,
} from './error-codes.ts'
export {
  encodeFold,
  type FoldedDoc,
  foldRows,
  foldToSnapshot,
} from './fold.ts'
export { decodeFoldProposal, encodeFoldProposal, type FoldProposal } from './fold-frames.ts'
export {
  FOLD_MEDIA_TYPE,
  HISTORY_PARAM,
  IDEMPOTENCY_KEY_HEADER,
  isHistoryKept,
  KEEP_HISTORY,
  PRESENCE_MEDIA_TYPE,
  SNAPSHOT_MEDIA_TYPE,
  SNAPSHOT_PARAM,
  STATE_MEDIA_TYPE,
  stateMediaType,
  UPDATE_MEDIA_TYPE,
} from './headers.ts'
export { decodeBytea } from './hex.ts'
export {
  type ContentIds,
  type IdRanges,
  isEmptyIds,
  noIds,
  pushRange,
  subtractIds,
  unionIds,
} from './id-ranges.ts'
export { docIdProblem, isBatchId, MAX_DOC_ID_LENGTH, MAX_UPDATE_BYTES } from './limits.ts'
export { ANNOUNCED_SEQS, type NewestRows, newestComment, readNewest } from './newest-rows.ts'
export {
  awarenessPath,
  awarenessRowsPath,
  clientAwarenessPath,
  copyPath,
  diffPath,
  docPath,
  docsPath,
  healthPath,
  openApiPath,
  restorePath,
  seedPath,
  segmentPath,
  segmentsPath,
  snapshotPath,
  snapshotsPath,
  statePath,
  updatesPath,
  verifyPath,
} from './paths.ts'
export {
  decodePresence,
  encodePresence,
  isPresenceOf,
  MAX_PRESENCE_DEPTH,
  type PresenceRow,
} from './presence-frames.ts'
export { readSnapshotRow, type SoundSnapshot, UnreadableSnapshotError } from './snapshot-row.ts'
export {
  decodeState,
  encodeState,
  type SnapshotRow,
  type State,
  type StoredState,
  type UpdateRow,
} from './state-frames.ts'
export { isSoundRow, readRow, rowProblem, salvageRow } from './stored-row.ts'
export {
  contentOfDoc,
  contentOfUpdate,
  type DecodedUpdate,
  decodeSnapshot,
  decodeUpdate,
  isEmptyUpdate,
  isOfYjs14,
} from './update-decoding.ts'
export { diffUpdate, mergeUpdates, splitUpdate } from './update-encoding.ts'
