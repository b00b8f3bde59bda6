import type * as Y from 'yjs'
import type { CompactionPolicy } from '../core/compaction.ts'
import type { ProviderFacts } from '../core/ledger/facts.ts'
import type { RetryPolicy } from '../core/retry.ts'
import type { ElectricProviderError } from '../errors.ts'
import type { Clock } from '../io/clock.ts'
import type { CompactionReport } from '../io/compactor.ts'
import type { Http } from '../io/http.ts'
import type { ModuleLoader } from '../io/module-loader.ts'
import type { Platform } from '../io/platform.ts'
import type { StreamMode } from '../io/shape-reader.ts'
import type { ApiUrl } from '../io/url.ts'
import type { UrlWarnings } from '../io/url-warnings.ts'
import type { Persistence } from '../persistence/device-store.ts'
import type { OwnAwareness } from './own-awareness.ts'

export interface SessionOptions {
  /** The address of the server's API. */
  readonly api: ApiUrl
  readonly docId: string
  readonly doc: Y.Doc
  /** The transaction origin of everything that comes from outside (ORI-1). */
  readonly origin: object
  readonly http: Http
  readonly clock: Clock
  /** The session's access to its runtime, in addition to `clock` and `http`. */
  readonly platform: Platform
  /** Loads the parts that are not in the first chunk of an app. */
  readonly modules: ModuleLoader
  readonly live: StreamMode
  readonly retry: RetryPolicy
  readonly maxUpdateBytes: number
  readonly maxDocumentStructs: number
  /** Called after each event that changed a fact. */
  readonly onFacts: (facts: ProviderFacts) => void
  readonly onError: (error: ElectricProviderError) => void
  readonly urlWarnings: UrlWarnings
  /** Null: this client never compacts. */
  readonly compaction: CompactionPolicy | null
  /** The name that the server keeps for this writer; undefined: that of awareness; null: none. */
  readonly userName: string | null | undefined
  /** Null: presence is neither sent nor received. */
  readonly awareness: OwnAwareness | null
  /** Whether the tabs of one browser work together. */
  readonly tabs: boolean
  /** Whether closing the page asks for confirmation while edits would be lost. */
  readonly warnOnClose: boolean
  /** Keeps the document on this device; null: in memory only. */
  readonly persistence: Persistence | null
  readonly onCompaction: (report: CompactionReport) => void
}
