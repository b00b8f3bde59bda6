import type { ShapePosition } from '../core/connection.ts'
import type { ShapeMessage } from '../core/follow.ts'
import type { ProviderErrorCode } from '../errors.ts'

/** What the tabs of one browser on one document tell each other. Every one names its sender. */
export type TabMessage =
  /** A tab is here; the leader answers with a beat. */
  | { readonly type: 'here'; readonly tab: string }
  /** The leader is alive, and follows the shapes with these URLs. */
  | { readonly type: 'beat'; readonly tab: string; readonly urls: readonly string[] }
  /** The leader's stream delivered these, up to this position. */
  | {
      readonly type: 'batch'
      readonly tab: string
      readonly url: string
      readonly messages: readonly ShapeMessage[]
      readonly position: ShapePosition | null
    }
  /** The leader's stream broke off. */
  | {
      readonly type: 'ended'
      readonly tab: string
      readonly url: string
      readonly code: ProviderErrorCode
      readonly message: string
      readonly status: number | undefined
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
  /** The tab's batch was acked, or is sent as these others. */
  | { readonly type: 'settled'; readonly tab: string; readonly batchId: string }
  /** Where the tab's user is. */
  | {
      readonly type: 'awareness'
      readonly tab: string
      readonly clientId: number
      readonly update: Uint8Array
    }

type WithoutTab<T> = T extends unknown ? Omit<T, 'tab'> : never

/** A message before its sender's name is put on it. */
export type UnsignedTabMessage = WithoutTab<TabMessage>
