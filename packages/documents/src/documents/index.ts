export type {
  Change,
  ContentDifference,
  ContentPath,
  TextPart,
} from '../content/difference.ts'
export {
  FORMAT_NAMES,
  FORMATS,
  type Format,
  type FormatDescription,
  LINE_ENDS,
  type LineEnds,
  type ReadChoice,
  ROOT_TYPES,
  type RootChoice,
  type RootType,
} from '../content/formats.ts'
export type { Json } from '../content/json.ts'
export {
  describeLosses,
  LOSS_KINDS,
  LOSSES_HEADER,
  type Loss,
  Losses,
  type LossKind,
  lossesHeader,
  MAX_LOSS_NAME,
} from '../content/losses.ts'
export type { IdRange, PendingStats } from '../content/pending.ts'
export { readContent } from '../content/read.ts'
export type {
  ContentStats,
  RootStats,
  WriterStats,
} from '../content/stats.ts'
export { type Content, type ContentFormat, writeContent } from '../content/write.ts'
export type {
  ImportedDocument,
  NewDocument,
  Seeding,
  VerifyReport,
} from '../schemas/documents.ts'
export type { Restored } from '../schemas/versions.ts'
export type { FormattedContent } from './content.ts'
export { copyDocument } from './copy.ts'
export { type Difference, type DiffOptions, diffSnapshots } from './diff.ts'
export { type ImportOptions, importDocument } from './import.ts'
export {
  type Inspection,
  type InspectOptions,
  inspectDocument,
  inspectInBytes,
} from './inspect.ts'
export { type OpenDocument, type OpenOptions, openDocument } from './open.ts'
export { type RestoreOptions, restoreSnapshot } from './restore.ts'
export { type SeedContent, type SeedOptions, seedDocument } from './seed.ts'
export {
  type DocumentStats,
  documentStats,
  type SnapshotStats,
  type StatsOptions,
} from './stats.ts'
export {
  type Fingerprint,
  type ForeignUpdate,
  type TransferOptions,
  type TransferredDocument,
  type TransferState,
  transferDocument,
} from './transfer.ts'
export {
  type Finding,
  type FindingCode,
  type FindingTable,
  type VerifyOptions,
  verifyDocument,
} from './verify.ts'
