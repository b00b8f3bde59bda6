/** The effects of a step of the ledger. `to` names the runner; runners answer with events. */
import type { ElectricProviderError } from '../../errors.ts'
import type { State } from '../../protocol/state-frames.ts'
import type { DecodedUpdate } from '../../protocol/update-decoding.ts'
import type { ResumePoint } from '../connection.ts'
import type { Batch, OutboxState } from '../outbox.ts'
import type { Side } from '../suspicions.ts'
import type { UnsentBatch } from '../unsent-of-others.ts'
import type { KeptDocument, Source, TabUser } from './events.ts'

export type WriterEffect =
  /** Post this batch; the answer is `acked`, `write-failed` or `write-refused`. */
  | { readonly to: 'writer'; readonly type: 'send'; readonly batch: Batch }
  /** `write-retry` after a wait. */
  | {
      readonly to: 'writer'
      readonly type: 'wait'
      readonly failures: number
      readonly retryAfterMs: number | undefined
    }
  /** Give up the post or the wait that is under way. */
  | { readonly to: 'writer'; readonly type: 'stop' }
  /** `flush` at the end of this task, so that edits made in one go are one batch. */
  | { readonly to: 'writer'; readonly type: 'flush-soon' }
  /** The server may be back: end a wait early. */
  | { readonly to: 'writer'; readonly type: 'hasten' }

export type ReaderEffect =
  /** Read state. This, `follow`, `wait` and `stop` end whatever is in progress. */
  | { readonly to: 'reader'; readonly type: 'join' }
  | { readonly to: 'reader'; readonly type: 'follow'; readonly from: ResumePoint }
  /** `read-retry` after a wait. */
  | {
      readonly to: 'reader'
      readonly type: 'wait'
      readonly failures: number
      readonly retryAfterMs: number | undefined
    }
  | { readonly to: 'reader'; readonly type: 'stop' }
  /** Request the missing rows of the stream again. */
  | { readonly to: 'reader'; readonly type: 'reread' }
  /**
   * Reading continues in this segment, where an earlier page left off. `newest`: the largest sequence number
   * that has arrived of it; null if it is not known.
   */
  | {
      readonly to: 'reader'
      readonly type: 'resumed'
      readonly segment: number
      readonly newest: number | null
    }
  /** The seal before this segment has arrived. */
  | { readonly to: 'reader'; readonly type: 'crossed'; readonly segment: number }
  /** The server has stored this row of ours, so the stream must bring it. */
  | { readonly to: 'reader'; readonly type: 'expect'; readonly seq: number }
  | { readonly to: 'reader'; readonly type: 'hasten' }

export type DocumentEffect =
  /** Show the content of the device store; the answer is `kept-applied`. */
  | { readonly to: 'document'; readonly type: 'apply-kept'; readonly kept: KeptDocument }
  /** Apply an update from elsewhere; the answer is `applied`, or nothing if nobody applies it. */
  | {
      readonly to: 'document'
      readonly type: 'apply'
      readonly update: Uint8Array
      /** The update as it was read, so that it is decoded once. Null if it must be checked. */
      readonly decoded: DecodedUpdate | null
      readonly source: Source
      readonly outbox: OutboxState
    }
  /** Find the edits that the document holds and state lacks; the answer is `compared`. */
  | {
      readonly to: 'document'
      readonly type: 'compare'
      readonly state: State
      /** Everything without an ack. */
      readonly unacked: readonly Uint8Array[]
      /** Updates that are on the server or on their way there, though state may lack them. */
      readonly sending: readonly Uint8Array[]
      /** Updates that another persistence of the document has loaded, which are sent as they were written. */
      readonly loaded: readonly Uint8Array[]
      /** The answer replaces the outbox, so deleted content is left out. */
      readonly isRemaking: boolean
    }
  /** The answer is `state-applied`. */
  | { readonly to: 'document'; readonly type: 'apply-state'; readonly state: State }
  /** From now on, edits get the new ids that the last comparison chose. */
  | { readonly to: 'document'; readonly type: 'part' }
  /** State is about to be read. */
  | { readonly to: 'document'; readonly type: 'joining' }
  /** The server stored this row for this client. */
  | {
      readonly to: 'document'
      readonly type: 'sent'
      readonly seq: number
      readonly update: Uint8Array
      /** The server had a batch with this id before this page posted it, perhaps with other content. */
      readonly isUnexpected: boolean
    }

/** One change of the content that this device stores. */
export type DeviceChange =
  | { readonly type: 'edit'; readonly edit: Batch }
  /** The edits that gathered under `batchId` are sent as these batches. */
  | { readonly type: 'split'; readonly batchId: string; readonly batches: readonly Batch[] }
  /** The batch was acked, or its edits are sent as other batches. */
  | { readonly type: 'settled'; readonly batchId: string }
  | { readonly type: 'row'; readonly update: Uint8Array }
  /** The document as it is now replaces everything before. */
  | { readonly type: 'whole' }
  /** Null: the next page compares the document with state. */
  | { readonly type: 'resume'; readonly point: ResumePoint | null }

export type DeviceEffect =
  | { readonly to: 'device'; readonly type: 'record'; readonly change: DeviceChange }
  /** Ask the store for edits of pages that are gone; the answer is `taken-over`. */
  | { readonly to: 'device'; readonly type: 'take-over' }

export type TabsEffect =
  | { readonly to: 'tabs'; readonly type: 'open'; readonly unsent: readonly UnsentBatch[] }
  | { readonly to: 'tabs'; readonly type: 'close' }
  /** Answer the introduction of another tab. */
  | { readonly to: 'tabs'; readonly type: 'introduce'; readonly unsent: readonly UnsentBatch[] }
  | {
      readonly to: 'tabs'
      readonly type: 'edited'
      readonly batchId: string
      readonly update: Uint8Array
    }
  | {
      readonly to: 'tabs'
      readonly type: 'cut'
      readonly batchId: string
      readonly update: Uint8Array
    }
  | {
      readonly to: 'tabs'
      readonly type: 'adopted'
      readonly batchId: string
      readonly update: Uint8Array
      readonly formerId: string
    }
  | { readonly to: 'tabs'; readonly type: 'settled'; readonly batchId: string }
  | { readonly to: 'tabs'; readonly type: 'moved'; readonly user: TabUser }

export type PresenceEffect =
  | { readonly to: 'presence'; readonly type: 'open' }
  /** Drops the requests that are in flight; the `open` that follows sends new ones. */
  | { readonly to: 'presence'; readonly type: 'interrupt' }
  | { readonly to: 'presence'; readonly type: 'close' }
  | { readonly to: 'presence'; readonly type: 'hear'; readonly user: TabUser }
  | { readonly to: 'presence'; readonly type: 'forget'; readonly clientId: number }

export type CompactorEffect =
  | { readonly to: 'compactor'; readonly type: 'start' }
  | { readonly to: 'compactor'; readonly type: 'stop' }
  | { readonly to: 'compactor'; readonly type: 'forget-refusal' }

export type AppEffect =
  /** Tell the app of a failure. `side`: the use of `url` that failed, if one did. */
  | {
      readonly to: 'app'
      readonly type: 'report'
      readonly error: ElectricProviderError
      readonly side: Side | null
    }
  /** Tell the app of a bad row, once for each content. */
  | {
      readonly to: 'app'
      readonly type: 'report-bad-row'
      readonly message: string
      readonly data: Uint8Array | null
    }
  /** This use of `url` works. */
  | { readonly to: 'app'; readonly type: 'worked'; readonly side: Side }
  /** `look` after a while. */
  | { readonly to: 'app'; readonly type: 'look-later' }
  | { readonly to: 'app'; readonly type: 'stop-looking' }

export type LedgerEffect =
  | WriterEffect
  | ReaderEffect
  | DocumentEffect
  | DeviceEffect
  | TabsEffect
  | PresenceEffect
  | CompactorEffect
  | AppEffect
