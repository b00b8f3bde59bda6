/** The streams that tabs of one browser ask of the one that leads. Every message names its sender. */
export type LiveMessage =
  /** A tab asks whether somebody leads. */
  | { readonly type: 'hello'; readonly tab: string }
  /** The leader is alive. */
  | { readonly type: 'beat'; readonly tab: string }
  /** This tab leads from now on; streams of the leader before have ended. */
  | { readonly type: 'lead'; readonly tab: string }
  /** A tab asks for a stream. */
  | { readonly type: 'open'; readonly tab: string; readonly id: string; readonly path: string }
  /** A tab reads a stream no longer. */
  | { readonly type: 'close'; readonly tab: string; readonly id: string }
  /** A stream was answered: `body` is null for a stream. */
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
  /** A stream has ended, and its reader asks again; by itself if the server does not join streams. */
  | {
      readonly type: 'ended'
      readonly tab: string
      readonly id: string
      readonly isNotJoined: boolean
    }

type WithoutTab<T> = T extends unknown ? Omit<T, 'tab'> : never

/** A message before its sender's name is put on it. */
export type UnsignedLiveMessage = WithoutTab<LiveMessage>
