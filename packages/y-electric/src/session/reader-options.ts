import type { FollowPoint } from '../core/connection.ts'
import type { RetryPolicy } from '../core/retry.ts'
import type { ElectricProviderError } from '../errors.ts'
import type { Clock } from '../io/clock.ts'
import type { Http } from '../io/http.ts'
import type { Following, FollowOptions, StreamMode } from '../io/shape-reader.ts'
import type { State } from '../protocol/state-frames.ts'

export interface ReaderOptions {
  readonly http: Http
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly live: StreamMode
  /** Follows a shape: with a stream of its own, or through another tab's. */
  readonly follow: (options: FollowOptions) => Following
  /** Where state is read. */
  readonly stateUrl: string
  /** Where the shape of a segment is followed. */
  readonly segmentUrl: (segment: number) => string
  /** A document with more structs than this is not applied. */
  readonly maxDocumentStructs: number
  /** A join begins. */
  readonly onJoining: () => void
  /** Called with state. A returned promise asks to read state again after it resolves. */
  readonly onState: (state: State) => Promise<void> | null
  /** A row that came after. */
  readonly onRow: (seq: number, update: Uint8Array) => void
  /** Everything before this place has been delivered. */
  readonly onPlace: (place: FollowPoint) => void
  /** Reading works. */
  readonly onCaughtUp: () => void
  readonly onError: (error: ElectricProviderError) => void
  /** Called when a reported fact may have changed. */
  readonly onChange: () => void
}
