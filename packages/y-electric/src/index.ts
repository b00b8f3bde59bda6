export type { CompactionPolicy } from './core/compaction.ts'
export { type FollowAction, followMessage, rowSeq, type ShapeMessage } from './core/follow.ts'
export type { ProviderFacts, RefusedBatch } from './core/ledger/facts.ts'
export type { RetryPolicy } from './core/retry.ts'
export type { ProviderStatus } from './core/status.ts'
export { ElectricProviderError, type ProviderErrorCode } from './errors.ts'
export type { CompactionReport } from './io/compactor.ts'
export type { HeadersSource } from './io/http.ts'
export type { LiveMode } from './io/live-mode.ts'
export type {
  DeviceDocument,
  DeviceStore,
  DeviceStoreChange,
  OnLost,
  Persistence,
  TakenOver,
} from './persistence/device-store.ts'
export type { IndexedDbOptions } from './persistence/indexeddb.ts'
export { preload } from './preload.ts'
export { MAX_DOC_ID_LENGTH, MAX_UPDATE_BYTES } from './protocol/limits.ts'
export { ElectricProvider } from './provider.ts'
export type {
  ElectricProviderEvents,
  ElectricProviderOptions,
  ProviderAwareness,
} from './provider-options.ts'
export { indexeddb, memory } from './session/device/stores.ts'
export { followShape, type ShapeOptions } from './shape.ts'
