import type { Clock } from '../io/clock.ts'
import type { Following, FollowOptions } from '../io/shape-reader.ts'
import type { TabMessage, UnsignedTabMessage } from './messages.ts'
import { SharedFollow } from './shared-follow.ts'

export interface FollowsOptions {
  readonly clock: Clock
  readonly isLeader: () => boolean
  readonly post: (message: UnsignedTabMessage) => void
}

/** The messages between tabs about the shapes that they follow. */
export type FollowMessage = Extract<
  TabMessage,
  { type: 'batch' | 'leading' | 'ended' | 'recent' | 'beat' | 'newest' | 'asking' | 'live' }
>

/**
 * A follower stops relying on a leader that does not follow the same shape for this long.
 * Milliseconds.
 */
const ALONE_AFTER_MS = 2_000

/** The shapes that this tab follows, with its own streams or through the leader. */
export class Follows {
  readonly #options: FollowsOptions
  readonly #follows = new Set<SharedFollow>()
  /** Since when the leader is known not to follow a URL. */
  readonly #unledSince = new Map<SharedFollow, number>()

  constructor(options: FollowsOptions) {
    this.#options = options
  }

  add(options: FollowOptions): Following {
    const follow = new SharedFollow(options, this.#options.post)
    this.#follows.add(follow)
    if (this.#options.isLeader()) follow.lead()
    else follow.follow()
    return {
      stop: () => {
        this.#follows.delete(follow)
        this.#unledSince.delete(follow)
        follow.stop()
      },
      reread: () => follow.reread(),
    }
  }

  lead(): void {
    for (const follow of this.#follows) follow.lead()
  }

  follow(): void {
    for (const follow of this.#follows) follow.follow()
  }

  /** The URLs that this tab streams, for the other tabs too. */
  ledUrls(): string[] {
    return [...this.#follows].filter(({ isLeading }) => isLeading).map(({ url }) => url)
  }

  hear(message: FollowMessage): void {
    if (message.type === 'beat') {
      this.#hearBeat(message.urls)
      return
    }
    for (const follow of [...this.#follows]) {
      if (follow.url !== message.url) continue
      if (message.type === 'batch') follow.hear(message)
      else if (message.type === 'leading') follow.hearLeading()
      else if (message.type === 'ended') follow.hearEnd(message)
      else if (message.type === 'newest') follow.hearNewest(message.newest)
      else if (message.type === 'asking') follow.hearAsking(message.isAsking)
      else if (message.type === 'live') follow.hearLive()
      else follow.tellRecent()
    }
  }

  /** It is no longer known whether the leader follows the same shapes. */
  forgetLeader(): void {
    this.#unledSince.clear()
  }

  /**
   * The leader follows something else (its tab is behind, or refused): this tab uses its own
   * stream.
   */
  #hearBeat(urls: readonly string[]): void {
    const { clock, isLeader } = this.#options
    const now = clock.now()
    for (const follow of this.#follows) {
      if (urls.includes(follow.url)) {
        this.#unledSince.delete(follow)
        // It used its own stream before; now the leader follows the same shape.
        if (follow.isLeading && !isLeader()) follow.follow()
        continue
      }
      const since = this.#unledSince.get(follow) ?? now
      this.#unledSince.set(follow, since)
      if (now - since > ALONE_AFTER_MS && !follow.isLeading) follow.lead()
    }
  }
}
