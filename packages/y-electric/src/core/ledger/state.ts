/**
 * A client's knowledge of its edits: where each one lives (outbox, another tab, this device, the server),
 * and how far it has read. One immutable value; the other files of this folder change parts of it.
 */
import type { ElectricProviderError } from '../../errors.ts'
import { EMPTY_TALLY, type Tally } from '../compaction.ts'
import {
  CLOSED,
  type ConnectionState,
  type ResumePoint,
  type ShapePosition,
} from '../connection.ts'
import { type Batch, type Edits, EMPTY_OUTBOX, type OutboxState } from '../outbox.ts'
import { NOBODY, type UnsentOfOthers } from '../unsent-of-others.ts'

export interface LedgerState {
  /** True while the app wants to be connected. */
  readonly isWanted: boolean
  readonly writing: Writing
  readonly reading: Reading
  readonly document: DocumentState
  readonly doubt: Doubt
  /** The next comparison with state also replaces the outbox: the app asked for it with `resend()`. */
  readonly isRemaking: boolean
  readonly resume: Resume
  readonly tabs: TabsState
  readonly others: UnsentOfOthers
  readonly adoption: Adoption
  readonly device: DeviceState
}

/** The sending side. */
export interface Writing {
  readonly outbox: OutboxState
  readonly posting: Posting
  /** Batches that may be on the server, because they were posted and not answered. */
  readonly unanswered: ReadonlyMap<string, PostedBy>
  readonly hold: Hold
  /** Why the last post failed; null once one has worked. */
  readonly error: ElectricProviderError | null
  /** True after the server answered that this client may not write. */
  readonly isReadOnly: boolean
  /** When the last batch was acked; null before. */
  readonly lastSavedAt: number | null
}

/** `earlier-page`: the batch was loaded or adopted, so the page that made it may have posted it. */
export type PostedBy = 'this-page' | 'earlier-page'

export type Posting =
  | { readonly type: 'none' }
  /** `isFirst`: this page has not posted this batch before. */
  | { readonly type: 'posting'; readonly since: number; readonly isFirst: boolean }

/** While the writer holds, it retries batches that it has posted, and posts nothing new. */
export type Hold =
  | { readonly type: 'none' }
  | { readonly type: 'holding' }
  /** The outbox wants to send this batch. */
  | { readonly type: 'holding-back'; readonly batch: Batch }

/** The receiving side. */
export interface Reading {
  readonly connection: ConnectionState
  readonly join: Join
  /** True while everything that the server had is here (SYNC-1). */
  readonly isSynced: boolean
  /** True once the followed segment cannot change any more. */
  readonly isSealSeen: boolean
  /** Why the last read failed; null once one has worked. */
  readonly error: ElectricProviderError | null
  readonly asking: Asking
  /** Rows of the followed segment that state already contained. */
  readonly seen: ReadonlySet<number>
  readonly tally: Tally
  /** Where the segment is followed after the join; null: from its start. */
  readonly follow: ShapePosition | null
  /** When the client last joined again because a segment was gone; null before. */
  readonly rejoinedAt: number | null
  /** Updates that the server acked while state was being read, so that state may not contain them. */
  readonly ackedMeanwhile: readonly Uint8Array[]
}

/** The event that a connection in the phase `joining` waits for. */
export type Join =
  | { readonly type: 'reading-state' }
  /** The answers for all batches that were posted; after that, state is read again. */
  | { readonly type: 'awaiting-answers' }

/** Whether a read request waits for an answer that the server gives at once. */
export type Asking = { readonly type: 'none' } | { readonly type: 'asking'; readonly since: number }

/** `parted`: the app's Y.Doc cannot show what the server has, because another writer used its client id. */
export type DocumentState =
  | { readonly type: 'shared' }
  | { readonly type: 'parted'; readonly error: ElectricProviderError }

/** Whether the document may hold something that the server lacks and that no outbox holds (SYNC-2). */
export type Doubt =
  | { readonly type: 'none' }
  | {
      readonly type: 'doubted'
      readonly since: number
      /** Updates that another persistence of the document has loaded since. */
      readonly loaded: Edits
    }

/** Where reading continues after a reload. */
export type Resume =
  | { readonly type: 'none' }
  /** The device store had it; the next `open` continues there. */
  | { readonly type: 'loaded'; readonly point: ResumePoint }
  /**
   * Held back: the document holds edits that may be nowhere else, so the next page must compare the
   * document with state.
   */
  | { readonly type: 'held-back'; readonly point: ResumePoint }
  /** Recorded on this device. */
  | { readonly type: 'recorded'; readonly point: ResumePoint }

/** How this tab works with the other tabs of the browser. `alone`: it does not. */
export type TabsState =
  | { readonly type: 'alone' }
  | { readonly type: 'closed' }
  | { readonly type: 'following' }
  | { readonly type: 'leading' }

/** How this client takes over the unsent edits of tabs that are gone. */
export interface Adoption {
  readonly pass: AdoptionPass
  /** Batches that were adopted from the device store, in case their tab's messages arrive later. */
  readonly taken: readonly Batch[]
}

/** One pass asks the device store for edits of pages that are gone. `isAgain`: another pass must follow. */
export type AdoptionPass =
  | { readonly type: 'none' }
  | { readonly type: 'asking-store'; readonly isAgain: boolean }

export type DeviceState =
  /** The app configured no device store. */
  | { readonly type: 'absent' }
  /** The store is being read; until then nothing is sent or read. */
  | { readonly type: 'loading' }
  | { readonly type: 'open'; readonly stored: Stored }
  /** The store failed: edits are kept in memory only. */
  | { readonly type: 'lost' }

/** How much of what was recorded is in the device store. */
export interface Stored {
  /** Everything is stored: content, unsent edits, acks and the resume point. */
  readonly all: boolean
  /** Every edit made here is stored, so closing the page loses none. */
  readonly edits: boolean
}

/** The state in which a session begins. */
export interface Beginning {
  readonly now: number
  /** The document is empty: it holds no content and no pending structs. */
  readonly isBlank: boolean
  readonly hasDevice: boolean
  readonly hasTabs: boolean
}

/** The state before the app has opened anything. */
export function beginLedger({ now, isBlank, hasDevice, hasTabs }: Beginning): LedgerState {
  return {
    isWanted: false,
    writing: {
      outbox: EMPTY_OUTBOX,
      posting: { type: 'none' },
      unanswered: new Map(),
      hold: { type: 'none' },
      error: null,
      isReadOnly: false,
      lastSavedAt: null,
    },
    reading: {
      connection: CLOSED,
      join: { type: 'reading-state' },
      isSynced: false,
      isSealSeen: false,
      error: null,
      asking: { type: 'none' },
      seen: new Set(),
      tally: EMPTY_TALLY,
      follow: null,
      rejoinedAt: null,
      ackedMeanwhile: [],
    },
    document: { type: 'shared' },
    doubt: isBlank ? { type: 'none' } : { type: 'doubted', since: now, loaded: null },
    isRemaking: false,
    resume: { type: 'none' },
    tabs: { type: hasTabs ? 'closed' : 'alone' },
    others: NOBODY,
    adoption: { pass: { type: 'none' }, taken: [] },
    device: { type: hasDevice ? 'loading' : 'absent' },
  }
}
