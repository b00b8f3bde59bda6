// For packages that add routes and commands to the server, such as `@y-electric/documents`: its route
// descriptions, its reads and writes of rows, and its workers. Apps need only the package root.
export { networkOf } from './admission/network.ts'
export { userOrAddress } from './admission/token-bucket.ts'
export {
  effortOf,
  IN_WORKER,
  type Sources,
  transferable,
  transferableOf,
  unpackSources,
  weightOf,
} from './compaction/sources.ts'
export { describeLiving } from './content/describe.ts'
export { isTooDeep } from './content/nesting.ts'
export { readingSnapshots } from './content/readable.ts'
export { nothingStored, requireDocId, requireFits } from './documents/checks.ts'
export { compactDocument } from './documents/compact.ts'
export { runDocumentJob } from './documents/jobs.ts'
export { requireSources } from './documents/sources.ts'
export { versionOfSources } from './documents/version.ts'
export { requireSnapshot, requireVersion, versionAt } from './documents/versions.ts'
export { mayBeZero, withDefaults } from './limits.ts'
export { type Line, LogLimiter } from './log/limiter.ts'
export { builtin } from './node.ts'
export { askerOf } from './routes/asker.ts'
export { MAX_JSON_BYTES, mediaTypeOf, readBody, readJsonObject } from './routes/body.ts'
export { privateUnlessPublic } from './routes/caching.ts'
export { allowedDocument, type RouteContext } from './routes/context.ts'
export {
  type Content,
  json,
  type RequestBody,
  type Route,
  type RouteHandler,
} from './routes/description.ts'
export { matchingTag } from './routes/entity-tags.ts'
export { readJson } from './routes/json-body.ts'
export type { NamedSchemas } from './routes/json-schema.ts'
export { isLiveQuery } from './routes/live.ts'
export {
  digits,
  type Parameter,
  parameter,
  parsed,
  read,
  readRequired,
  storableText,
} from './routes/parameters.ts'
export { SEQ } from './routes/snapshots.ts'
export { admitted, isWritten, storing } from './routes/storing.ts'
export { type RouteTable, routeTable } from './routes/table/index.ts'
export { HISTORY } from './routes/updates.ts'
export { requireWithinLimits } from './routes/within-limits.ts'
export { namedWriterOf, WRITER_NAME } from './routes/writers.ts'
export { DELETION_PROOF, DOC_ID, KEEPS_HISTORY } from './schemas/documents.ts'
export {
  anything,
  array,
  bodyOf,
  boolean,
  choice,
  fraction,
  integer,
  literal,
  nullable,
  number,
  type Output,
  object,
  optional,
  type Schema,
  someObject,
  TIME,
  text,
  textOf,
  union,
} from './schemas/values.ts'
export { SNAPSHOT_MEMBERS } from './schemas/versions.ts'
export { shapeUrl } from './shapes.ts'
export { deletedError } from './store/deleted.ts'
export {
  appendUpdates,
  appendUpdatesInside,
  type Batch,
  type Compactable,
  copyWriters,
  createDocument,
  insertKept,
  inTransaction,
  isDatabaseUnavailable,
  listCompactable,
  presencePieces,
  readRevision,
  readSnapshot,
  readState,
  SEGMENT_SHAPE,
  type StoredPresence,
  type Version,
} from './store/index.ts'
export { newestMigration } from './store/migrations.ts'
export { bytesOf, type PackedRows, unpackRows } from './store/packed-rows.ts'
export { type RowToSetAside, setAside } from './store/set-aside.ts'
export type { DocumentSources } from './store/sources.ts'
export { findForeignRows, readStored, type StoredDocument } from './store/verification.ts'
export { type Asker, inspectLimited } from './work/limiter.ts'
export {
  type JobInput,
  type JobName,
  type JobOutput,
  type WorkerOptions,
  WorkerPool,
} from './work/pool.ts'
export { serveJobs } from './work/serve-jobs.ts'
export { workerFile } from './work/worker-file.ts'
