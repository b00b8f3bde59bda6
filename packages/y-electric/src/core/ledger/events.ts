/** The events of a ledger. Every event comes from the app or from one runner of effects. */
import type { ElectricProviderError } from '../../errors.ts'
import type { State } from '../../protocol/state-frames.ts'
import type { StoredEdits } from '../adoption.ts'
import type { Remedy } from '../awaited-rows.ts'
import type { Tally } from '../compaction.ts'
import type { ResumePoint, ShapePosition } from '../connection.ts'
import type { ShapeMessage } from '../follow.ts'
import type { Batch } from '../outbox.ts'
import type { BadPart } from '../sound-state.ts'
import type { UnsentBatch } from '../unsent-of-others.ts'
import type { Stored } from './state.ts'

/** The presence of the user of a tab. */
export interface TabUser {
  readonly clientId: number
  /** An awareness update. */
  readonly update: Uint8Array
}

/** A document as the device store had it, after the checks. */
export interface KeptDocument {
  readonly updates: readonly Uint8Array[]
  readonly batches: readonly Batch[]
  readonly resume: ResumePoint | null
  /** Edits without an ack of other pages that are open. `updates` contains them. */
  readonly ofOthers: readonly Batch[]
  /** Descriptions of missing or unreadable data. */
  readonly damage: readonly string[]
}

/** The result of comparing the document with state. */
export type Comparison =
  /** The edits that the server lacks; null if it lacks none. */
  | { readonly type: 'missing'; readonly update: Uint8Array | null }
  /**
   * Edits are hidden on the server. `isOutdated`: state was read before the last row of this client was
   * stored, so it does not tell what others see.
   */
  | {
      readonly type: 'parted'
      readonly missing: Uint8Array | null
      readonly isOutdated: boolean
      readonly error: ElectricProviderError
    }

export type AppEvent =
  | { readonly type: 'open' }
  | { readonly type: 'close' }
  | { readonly type: 'reconnect' }
  | { readonly type: 'resend' }
  /** The runtime says that the network is back. */
  | { readonly type: 'online' }
  /** A client folded all sealed segments. */
  | { readonly type: 'folded'; readonly snapshotBytes: number }
  /** The presence of this client's user changed. */
  | { readonly type: 'user-moved'; readonly user: TabUser }
  /** It is time to look for edits that pages which are gone left in the device store. */
  | { readonly type: 'look' }
  /** A step failed, or led to a state that breaks a rule; `problem` says which. */
  | { readonly type: 'broken'; readonly problem: string; readonly cause?: unknown }
  /** An effect threw. `isOfJoin`: a join waits for its answer. */
  | { readonly type: 'effect-failed'; readonly isOfJoin: boolean; readonly cause: unknown }

export type DocumentEvent =
  /** An edit was made here. */
  | { readonly type: 'edited'; readonly update: Uint8Array }
  /** Another persistence of the Y.Doc (y-indexeddb, for example) loaded content into it. */
  | { readonly type: 'foreign-load'; readonly update: Uint8Array }
  /**
   * The document shows the content of the device store. `added`: stored edits that were in no stored
   * update.
   */
  | {
      readonly type: 'kept-applied'
      readonly kept: KeptDocument
      readonly added: readonly Uint8Array[]
      readonly isWaiting: boolean
    }
  /** An update from elsewhere was applied. `isContradicting`: only state can tell what others see. */
  | {
      readonly type: 'applied'
      readonly update: Uint8Array
      readonly source: Source
      readonly isNew: boolean
      readonly isContradicting: boolean
    }
  | { readonly type: 'compared'; readonly state: State; readonly comparison: Comparison }
  | { readonly type: 'state-applied'; readonly state: State }

/** Where an update comes from. */
export type Source = { readonly type: 'row'; readonly seq: number } | { readonly type: 'tab' }

export type WriterEvent =
  /** The task in which edits were made is over. */
  | { readonly type: 'flush' }
  /** The wait after a failed post is over. */
  | { readonly type: 'write-retry' }
  /** `isRepeat`: the server had a batch with this id already. */
  | {
      readonly type: 'acked'
      readonly batch: Batch
      readonly seq: number
      readonly isRepeat: boolean
    }
  | {
      readonly type: 'write-failed'
      readonly batch: Batch
      readonly error: ElectricProviderError
    }
  | {
      readonly type: 'write-refused'
      readonly batch: Batch
      readonly error: ElectricProviderError
    }

export type ReaderEvent =
  /**
   * State was read. `state` has no bad rows; `seqs` names all rows that the server has; `follow` is an offset
   * before which everything is in state.
   */
  | {
      readonly type: 'state-read'
      readonly state: State
      readonly follow: ShapePosition | null
      readonly seqs: ReadonlySet<number>
      readonly tally: Tally
      readonly bad: readonly BadPart[]
    }
  /** State could not be read, or the stream broke off at `position`. */
  | {
      readonly type: 'read-failed'
      readonly error: ElectricProviderError
      readonly isTransient: boolean
      readonly position: ShapePosition | null
    }
  /** A message of the shape. `isBehind`: the server has announced rows that have not arrived. */
  | { readonly type: 'message'; readonly message: ShapeMessage; readonly isBehind: boolean }
  /** Everything before this point was delivered. */
  | { readonly type: 'reached'; readonly point: ResumePoint }
  /** Rows that the server has are overdue. */
  | { readonly type: 'silent'; readonly remedy: Remedy }
  | { readonly type: 'asking'; readonly isAsking: boolean }
  /** The server has begun to answer a request for changes as they happen. */
  | { readonly type: 'live-answered' }
  /** The wait after a failed read is over. */
  | { readonly type: 'read-retry' }

export type TabEvent =
  /** A tab introduced itself with all that it has without an ack. */
  | {
      readonly type: 'tab-hello'
      readonly tab: string
      readonly unsent: readonly UnsentBatch[]
      readonly isAnswer: boolean
    }
  | {
      readonly type: 'tab-edit'
      readonly tab: string
      readonly batchId: string
      readonly update: Uint8Array
    }
  | {
      readonly type: 'tab-cut'
      readonly tab: string
      readonly batchId: string
      readonly update: Uint8Array
    }
  /** The tab sends what another tab had under `formerId`. */
  | {
      readonly type: 'tab-adopted'
      readonly tab: string
      readonly batchId: string
      readonly update: Uint8Array
      readonly formerId: string
    }
  /** The batch was acked, or its edits are sent as other batches. */
  | { readonly type: 'tab-settled'; readonly tab: string; readonly batchId: string }
  | { readonly type: 'tab-gone'; readonly tab: string }
  /** This tab leads from now on. */
  | { readonly type: 'led' }
  /** Another tab leads from now on. */
  | { readonly type: 'deposed' }
  /** Comes several times a second while tabs work together. */
  | { readonly type: 'beat' }
  | { readonly type: 'tab-user'; readonly user: TabUser }
  | { readonly type: 'tab-user-left'; readonly clientId: number }

export type DeviceEvent =
  | { readonly type: 'device-loaded'; readonly kept: KeptDocument }
  | { readonly type: 'device-stored'; readonly stored: Stored }
  | { readonly type: 'device-lost'; readonly cause: unknown }
  | { readonly type: 'device-damaged'; readonly damage: readonly string[] }
  /** The answer to `take-over`. */
  | { readonly type: 'taken-over'; readonly stored: StoredEdits }

export type LedgerEvent =
  | AppEvent
  | DocumentEvent
  | WriterEvent
  | ReaderEvent
  | TabEvent
  | DeviceEvent

/** Takes an event. An event that comes while another one is handled is handled after it. */
export type Dispatch<Event extends LedgerEvent = LedgerEvent> = (event: Event) => void
