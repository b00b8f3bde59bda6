import type { ShapePosition } from '../core/connection.ts'
import type { ShapeMessage } from '../core/follow.ts'
import type { TabUser } from '../core/ledger/events.ts'
import type { UnsentBatch } from '../core/unsent-of-others.ts'
import type { ProviderErrorCode } from '../errors.ts'
import type { NewestRows } from '../protocol/newest-rows.ts'

/** What the tabs of one browser on one document tell each other. Every one names its sender. */
export type TabMessage =
  /** A tab introduces itself, with all that the others cannot know. Who does not know it answers alike. */
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
  /** A stream of the leader begins, perhaps further on than what the one before it told. */
  | { readonly type: 'leading'; readonly tab: string; readonly url: string }
  /** The leader's stream delivered these, up to this position. */
  | {
      readonly type: 'batch'
      readonly tab: string
      readonly url: string
      readonly messages: readonly ShapeMessage[]
      readonly position: ShapePosition | null
    }
  /** The server told the leader which rows it has. */
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
  /** The leader's stream broke off. */
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
  /** A new follower asks the leader for what came last. */
  | { readonly type: 'recent'; readonly tab: string; readonly url: string }
  /** An edit made in a tab, and the batch that the tab sends it in. */
  | {
      readonly type: 'edit'
      readonly tab: string
      readonly update: Uint8Array
      readonly batchId: string
    }
  /** The tab's batch is on its way, or ready to be: this is all of it, and stays so. */
  | {
      readonly type: 'cut'
      readonly tab: string
      readonly update: Uint8Array
      readonly batchId: string
    }
  /** The tab sends a batch of one that is gone, which had it under `formerId`. */
  | {
      readonly type: 'adopted'
      readonly tab: string
      readonly update: Uint8Array
      readonly batchId: string
      readonly formerId: string
    }
  /** The tab's batch was acked, or is sent as these others. */
  | { readonly type: 'settled'; readonly tab: string; readonly batchId: string }
  /** Where the tab's user is. */
  | { readonly type: 'awareness'; readonly tab: string; readonly user: TabUser }

type WithoutTab<T> = T extends unknown ? Omit<T, 'tab'> : never

/** A message before its sender's name is put on it. */
export type UnsignedTabMessage = WithoutTab<TabMessage>
