import type { ShapePosition } from '../core/connection.ts'
import type { ShapeMessage } from '../core/follow.ts'
import type { TabUser } from '../core/ledger/events.ts'
import type { UnsentBatch } from '../core/unsent-of-others.ts'
import type { ProviderErrorCode } from '../errors.ts'
import type { NewestRows } from '../protocol/newest-rows.ts'

/** The messages between the tabs of one browser on one document. Every message names its sender. */
export type TabMessage =
  /**
   * A tab introduces itself, with everything that the others cannot know. A tab that does not know
   * it yet replies in the same way.
   */
  | {
      readonly type: 'hello'
      readonly tab: string
      readonly isAnswer: boolean
      readonly unsent: readonly UnsentBatch[]
      readonly user: TabUser | null
    }
  /** A tab is still here; the leader answers with a beat. */
  | { readonly type: 'here'; readonly tab: string }
  /** The leader is alive, and follows the shapes with these URLs. */
  | { readonly type: 'beat'; readonly tab: string; readonly urls: readonly string[] }
  /** A stream of the leader begins, perhaps at a later offset than the last one announced. */
  | { readonly type: 'leading'; readonly tab: string; readonly url: string }
  /** The leader's stream delivered these messages, up to this offset. */
  | {
      readonly type: 'batch'
      readonly tab: string
      readonly url: string
      readonly messages: readonly ShapeMessage[]
      readonly position: ShapePosition | null
    }
  /** The server announced to the leader which rows it has. */
  | {
      readonly type: 'newest'
      readonly tab: string
      readonly url: string
      readonly newest: NewestRows
    }
  /** Whether the leader waits for an answer that the server gives at once. */
  | {
      readonly type: 'asking'
      readonly tab: string
      readonly url: string
      readonly isAsking: boolean
    }
  /** The server has begun to answer the leader's live request. */
  | { readonly type: 'live'; readonly tab: string; readonly url: string }
  /** The leader's stream ended early. */
  | {
      readonly type: 'ended'
      readonly tab: string
      readonly url: string
      readonly code: ProviderErrorCode
      readonly message: string
      readonly status: number | undefined
      readonly retryAfterMs: number | undefined
      readonly suspectsUrl: boolean
      readonly transient: boolean
    }
  /** A new follower asks the leader for the latest messages. */
  | { readonly type: 'recent'; readonly tab: string; readonly url: string }
  /** An edit made in a tab, and the batch that the tab sends it in. */
  | {
      readonly type: 'edit'
      readonly tab: string
      readonly update: Uint8Array
      readonly batchId: string
    }
  /** The tab has cut the batch: this is all of it, and it never changes. */
  | {
      readonly type: 'cut'
      readonly tab: string
      readonly update: Uint8Array
      readonly batchId: string
    }
  /** The tab sends a batch of a tab that is gone, which had it under `formerId`. */
  | {
      readonly type: 'adopted'
      readonly tab: string
      readonly update: Uint8Array
      readonly batchId: string
      readonly formerId: string
    }
  /** The tab's batch was acked, or is sent as these other batches. */
  | { readonly type: 'settled'; readonly tab: string; readonly batchId: string }
  /** The presence of the tab's user. */
  | { readonly type: 'awareness'; readonly tab: string; readonly user: TabUser }

type WithoutTab<T> = T extends unknown ? Omit<T, 'tab'> : never

/** A message without the name of its sender, which is added later. */
export type UnsignedTabMessage = WithoutTab<TabMessage>
