import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import type { CompactionPolicy } from '../core/compaction.ts'
import type { RetryPolicy } from '../core/retry.ts'
import type { ProviderStatus } from '../core/status.ts'
import type { ElectricProviderError } from '../errors.ts'
import type { Clock } from '../io/clock.ts'
import type { CompactionReport } from '../io/compactor.ts'
import type { Http } from '../io/http.ts'
import type { Platform } from '../io/platform.ts'
import type { StreamMode } from '../io/shape-reader.ts'
import type { ApiUrl } from '../io/url.ts'
import type { UrlWarnings } from '../io/url-warnings.ts'
import type { Persistence } from '../persistence/local-store.ts'

/** Edits that the server does not take. They, and those made after them, stay until it does. */
export interface RefusedBatch {
  readonly batchId: string
  /** The edits, as one Yjs v1 update. */
  readonly update: Uint8Array
  /** Why; its `batchId` is the same. */
  readonly error: ElectricProviderError
}

/** What is true of a session now. */
export interface SessionFacts {
  readonly status: ProviderStatus
  readonly synced: boolean
  readonly saved: boolean
  /** When the oldest edit that is not saved was made; null when none is known. */
  readonly unsavedSince: number | null
  /** When the last batch was acked. */
  readonly lastSavedAt: number | null
  /** All that is here is on this device. */
  readonly stored: boolean
  /** The server takes no edits from here. */
  readonly readOnly: boolean
  readonly refusedBatch: RefusedBatch | null
  readonly error: ElectricProviderError | null
}

export interface SessionOptions {
  /** The address of the server's API. */
  readonly api: ApiUrl
  readonly docId: string
  readonly doc: Y.Doc
  /** The transaction origin of everything that comes from outside (ORI-1). */
  readonly origin: object
  readonly http: Http
  readonly clock: Clock
  /** What the session takes from the runtime, beside `clock` and `http`. */
  readonly platform: Platform
  readonly live: StreamMode
  readonly retry: RetryPolicy
  readonly maxUpdateBytes: number
  readonly maxDocumentStructs: number
  readonly onFacts: (facts: SessionFacts) => void
  readonly onError: (error: ElectricProviderError) => void
  readonly urlWarnings: UrlWarnings
  /** Null: this client never compacts. */
  readonly compaction: CompactionPolicy | null
  /** Who is here; null: nobody is told, and nobody is seen. */
  readonly awareness: Awareness | null
  /** Whether the tabs of one browser work together. */
  readonly tabs: boolean
  /** Whether closing the page asks first while something would be lost. */
  readonly warnOnClose: boolean
  /** Keeps the document on this device; null: in memory only. */
  readonly persistence: Persistence | null
  readonly onCompaction: (report: CompactionReport) => void
}
