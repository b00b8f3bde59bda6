export { applyRow, endingTransactions } from './applying.ts'
export {
  BACKLOG_FIRST,
  BACKLOG_HEADER,
  BACKLOG_PARAM,
  backlogEvent,
  cutBacklog,
  offsetOfBacklog,
} from './backlog.ts'
export { type BuiltRows, buildRows, type FoldSources } from './building.ts'
export {
  ERROR_STATUS,
  type ErrorBody,
  parseErrorBody,
  type ServerErrorCode,
} from './error-codes.ts'
export {
  type ExamineCode,
  type ExaminedUpdate,
  ExamineError,
  type ExamineLimits,
  examineUpdate,
} from './examine-update.ts'
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
  JOIN_PARAM,
  JOIN_ROWS,
  JOIN_WHOLE,
  KEEP_HISTORY,
  PRESENCE_MEDIA_TYPE,
  SNAPSHOT_MEDIA_TYPE,
  SNAPSHOT_PARAM,
  STATE_MEDIA_TYPE,
  stateMediaType,
  UPDATE_MEDIA_TYPE,
  WRITER_CLIENT_HEADER,
  WRITER_NAME_HEADER,
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
export {
  decodeJoin,
  encodeJoinFrames,
  type JoinFrames,
  type MergedRows,
} from './join-frames.ts'
export {
  docIdProblem,
  isBatchId,
  MAX_DOC_ID_LENGTH,
  MAX_DOCUMENT_STRUCTS,
  MAX_UPDATE_BYTES,
  MAX_UPDATE_STRUCTS,
} from './limits.ts'
export { guardMapEntries } from './map-entries.ts'
export {
  ANNOUNCED_SEQS,
  NEWEST_HEADER,
  type NewestRows,
  newestComment,
  newestText,
  readNewest,
} from './newest-rows.ts'
export {
  awarenessPath,
  awarenessRowsPath,
  clientAwarenessPath,
  copyPath,
  diffPath,
  docPath,
  docsPath,
  documentsPath,
  filePath,
  filesPath,
  foldsPath,
  healthPath,
  joinPath,
  openApiPath,
  restorePath,
  seedPath,
  segmentPath,
  segmentsPath,
  snapshotPath,
  snapshotsPath,
  statePath,
  titlePath,
  updatesPath,
  verifyPath,
  versionsPath,
  writersPath,
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
export { integrateWithin } from './steps.ts'
export { isSoundRow, readRow, rowProblem, salvageRow } from './stored-row.ts'
export { type DecodingLimits, TooMuchError } from './strict-decoders.ts'
export {
  contentOfDoc,
  contentOfUpdate,
  countStructs,
  type DecodedUpdate,
  decodeSnapshot,
  decodeUpdate,
  isEmptyUpdate,
  isOfYjs14,
  type JudgedUpdate,
  judgeUpdate,
  judgeUpdateV2,
} from './update-decoding.ts'
export { diffUpdate, mergeUpdates, splitUpdate } from './update-encoding.ts'
export { isSameValue } from './values.ts'
export { nameHeader } from './writer.ts'
