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
  type RevokeHook,
} from './auth.ts'
export {
  type Deletion,
  type DeletionProof,
  deleteDocument,
  verifyDeleted,
} from './documents/delete.ts'
export {
  DEFAULT_LIST_LIMIT,
  type DocumentList,
  type ListOptions,
  listDocuments,
  MAX_LIST_LIMIT,
} from './documents/list.ts'
export {
  type KeepOptions,
  keepSnapshot,
  labelSnapshot,
  MAX_LABEL_LENGTH,
} from './documents/versions.ts'
export { RequestError } from './errors.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export type { Extension } from './routes/extension.ts'
export type { ShapeSource } from './shapes.ts'
export type { DocumentInfo } from './store/documents.ts'
export {
  type DeletedRows,
  listSnapshots,
  migrate,
  type Remains,
  type SnapshotInfo,
  type SnapshotKind,
} from './store/index.ts'
export type { Listen } from './streams/revocations.ts'
