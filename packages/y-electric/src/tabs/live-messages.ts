/**
 * The messages about streams that tabs of one browser request from the leader. Every message names
 * its sender.
 */
export type LiveMessage =
  /** A tab asks whether another tab leads. */
  | { readonly type: 'hello'; readonly tab: string }
  /** The leader is alive. */
  | { readonly type: 'beat'; readonly tab: string }
  /** This tab leads from now on; the streams of the previous leader have ended. */
  | { readonly type: 'lead'; readonly tab: string }
  /** A tab requests a stream. */
  | { readonly type: 'open'; readonly tab: string; readonly id: string; readonly path: string }
  /** A tab stops reading a stream. */
  | { readonly type: 'close'; readonly tab: string; readonly id: string }
  /** The answer to the request for a stream; `body` is null if it is a stream. */
  | {
      readonly type: 'opened'
      readonly tab: string
      readonly id: string
      readonly status: number
      readonly headers: readonly (readonly [string, string])[]
      readonly body: string | null
    }
  /** The next bytes of a stream. */
  | {
      readonly type: 'bytes'
      readonly tab: string
      readonly id: string
      readonly bytes: Uint8Array
    }
  /**
   * A stream has ended, and its reader requests it again, with a request of its own if the server
   * does not join streams.
   */
  | {
      readonly type: 'ended'
      readonly tab: string
      readonly id: string
      readonly isNotJoined: boolean
    }

type WithoutTab<T> = T extends unknown ? Omit<T, 'tab'> : never

/** A message without the name of its sender, which is added later. */
export type UnsignedLiveMessage = WithoutTab<LiveMessage>
