export type { LimitHook, LimitRefusal, LimitSubject } from './admission/hook.ts'
export {
  type MemoryBucketOptions,
  postgresTokenBucket,
  type TokenBucketOptions,
  tokenBucket,
} from './admission/token-bucket.ts'
export { type AllowedHosts, type AppOptions, type CorsOptions, createApp } from './app.ts'
export {
  type Action,
  type AuthorizationRequest,
  type Authorize,
  allowAll,
  type Decision,
  MAX_LISTED_IDS,
  type RevokeHook,
} from './auth.ts'
export { deleteDocument, verifyDeleted } from './documents/delete.ts'
export {
  DEFAULT_LIST_LIMIT,
  type ListOptions,
  listDocuments,
  MAX_LIST_LIMIT,
} from './documents/list.ts'
export {
  DEFAULT_UPDATES_LIMIT,
  listUpdates,
  MAX_UPDATES_LIMIT,
  type UpdateListOptions,
} from './documents/update-list.ts'
export {
  type KeepOptions,
  keepSnapshot,
  labelSnapshot,
} from './documents/versions.ts'
export { RequestError } from './errors.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export type { Extension } from './routes/extension.ts'
export type {
  Deletion,
  DeletionProof,
  DocumentInfo,
  DocumentList,
} from './schemas/documents.ts'
export { FILE_TYPES, type FileInfo, type FileType } from './schemas/files.ts'
export type { UpdateInfo, UpdateList } from './schemas/updates.ts'
export {
  MAX_LABEL_LENGTH,
  type SnapshotInfo,
  type SnapshotKind,
  type SnapshotList,
} from './schemas/versions.ts'
export type { WriterInfo, WriterList } from './schemas/writers.ts'
export type { ShapeSource } from './shapes.ts'
export {
  type DeletedRows,
  type FileStore,
  listSnapshots,
  migrate,
  type NewFile,
  type PutOutcome,
  postgresFiles,
  type Remains,
  readWriters,
  type StoredFile,
} from './store/index.ts'
export type { Listen } from './streams/revocations.ts'
