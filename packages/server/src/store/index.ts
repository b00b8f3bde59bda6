export { AppendQueue } from './append-queue.ts'
export {
  databaseTrouble,
  isDatabaseUnavailable,
  isDiskFull,
  isUnstorableText,
} from './availability.ts'
export {
  AWARENESS_SHAPE,
  clientsIn,
  clientsOf,
  deleteAwareness,
  MAX_CLIENT_ID,
  PresenceFull,
  type PresenceWriter,
  presencePieces,
  readAwareness,
  type StoredPresence,
} from './awareness.ts'
export { type BucketRate, deleteFullBuckets, takeTokens } from './buckets.ts'
export { type Compactable, listCompactable } from './compactable.ts'
export { createDocument, type FirstContent } from './create.ts'
export {
  countRemains,
  type DeletedRows,
  DOCUMENT_TABLES,
  type DocumentTable,
  deleteRows,
  type Remains,
} from './delete.ts'
export { deletedError, documentExists } from './deleted.ts'
export type { ReadOptions } from './document.ts'
export {
  type FileStore,
  type NewFile,
  type PutOutcome,
  postgresFiles,
  type StoredFile,
} from './files.ts'
export { foldSegments, type StoredSources } from './fold.ts'
export type { FoldOutcome, Verdict } from './fold-commit.ts'
export type { FoldRefusal } from './fold-refusal.ts'
export {
  completeVersions,
  documentsShape,
  isPlainPrefix,
  type Listed,
  type ListShape,
  setTitle,
  versionsShape,
} from './lists.ts'
export { migrate } from './migrations.ts'
export { readSegments, type SegmentKey, type SegmentReading, SegmentReads } from './newest.ts'
export { PresenceQueue } from './presence-queue.ts'
export { behindEdits, ungated } from './read-gate.ts'
export {
  type AgedSnapshot,
  keptSnapshots,
  pruneSnapshots,
  type RetentionRule,
} from './retention.ts'
export { readRevision } from './revision.ts'
export { notifyRevocation, REVOCATION_CHANNEL } from './revocations.ts'
export { type RollDue, type RollLimits, rollDue, rollSegment } from './roll.ts'
export { ping, SEGMENT_SHAPE, type SegmentStatus } from './segments.ts'
export {
  findSnapshot,
  insertKept,
  type KeptVersion,
  listSnapshots,
  openSnapshot,
  readSnapshot,
  readVersion,
  setLabel,
  type Version,
} from './snapshots.ts'
export { type DocumentSources, readSources } from './sources.ts'
export { type PackedState, readPackedState, readState } from './state.ts'
export { inTransaction } from './transaction.ts'
export {
  type Appended,
  appendUpdates,
  appendUpdatesInside,
  type Batch,
} from './updates.ts'
export {
  type DocumentUsage,
  hasBatch,
  measureDocument,
  measureTotal,
  measureUser,
  noteUnnoted,
  noteUsage,
  type TotalUsage,
  type Usage,
  type WrittenDocument,
} from './usage.ts'
export { copyWriters, noteWriter, readWriters, type WriterNote } from './writers.ts'
