import type { ShapePosition } from '../core/connection.ts'
import type { ShapeMessage } from '../core/follow.ts'
import { ElectricProviderError } from '../errors.ts'
import { type Following, type FollowOptions, followShape } from '../io/shape-reader.ts'
import type { NewestRows } from '../protocol/newest-rows.ts'
import type { TabMessage, UnsignedTabMessage } from './messages.ts'

type Batch = Extract<TabMessage, { type: 'batch' }>
type Ended = Extract<TabMessage, { type: 'ended' }>

/**
 * How long the leader keeps what it delivered, for followers that have just started. Milliseconds.
 */
const RECENT_MS = 10_000

/**
 * One shape, followed through whichever tab leads. The leader has its own stream and sends its
 * messages to the others. A follower receives the leader's messages after one short catch-up: it
 * listens first and catches up afterwards, so that nothing is missed.
 */
export class SharedFollow {
  readonly #options: FollowOptions
  readonly #post: (message: UnsignedTabMessage) => void
  #position: ShapePosition | null
  /** This tab's own stream or catch-up. */
  #own: Following = NOTHING
  /** Batches that arrived while a follower was catching up; null once it has caught up. */
  #held: Batch[] | null = null
  /** Messages that this tab's own stream delivered since the last offset. */
  #untold: ShapeMessage[] = []
  #recent: { readonly at: number; readonly batch: UnsignedTabMessage }[] = []
  #mode: 'leading' | 'following' | 'ended' = 'ended'
  /** Whether this tab, or the leader, waits for an answer that the server gives at once. */
  #isAsking = { here: false, leader: false }

  constructor(options: FollowOptions, post: (message: UnsignedTabMessage) => void) {
    this.#options = options
    this.#post = post
    this.#position = typeof options.start === 'string' ? null : options.start
  }

  get url(): string {
    return this.#options.url
  }

  /** True while this tab's own stream runs, for the other tabs too. */
  get isLeading(): boolean {
    return this.#mode === 'leading'
  }

  /** Follows with its own stream, and sends its messages to the others. */
  lead(): void {
    this.#own.stop()
    if (this.#position === null && this.#options.start === 'now') this.#options.onBegin?.()
    this.#held = null
    this.#mode = 'leading'
    this.#noteAsking({ here: false, leader: false })
    this.#post({ type: 'leading', url: this.url })
    const { onNewest } = this.#options
    this.#own = followShape({
      ...this.#options,
      start: this.#position ?? this.#options.start,
      ...(onNewest && {
        onNewest: (newest) => {
          this.#post({ type: 'newest', url: this.url, newest })
          onNewest(newest)
        },
      }),
      onAsking: (isAsking) => {
        if (this.#options.onAsking) this.#post({ type: 'asking', url: this.url, isAsking })
        this.#noteAsking({ here: isAsking, leader: false })
      },
      onLive: () => {
        if (this.#options.onLive) this.#post({ type: 'live', url: this.url })
        this.#options.onLive?.()
      },
      onMessage: (message) => {
        this.#untold.push(message)
        this.#options.onMessage(message)
      },
      onPosition: (position) => {
        this.#position = position
        this.#tell()
        this.#options.onPosition?.(position)
      },
      onEnd: (end) => {
        const { code, message, status, retryAfterMs, suspectsUrl } = end.error
        this.#mode = 'ended'
        this.#post({
          type: 'ended',
          url: this.url,
          code,
          message,
          status,
          retryAfterMs,
          suspectsUrl,
          transient: end.transient,
        })
        this.#options.onEnd(end)
      },
    })
  }

  /** Follows the messages of the leader. */
  follow(): void {
    this.#own.stop()
    this.#mode = 'following'
    this.#held = []
    this.#post({ type: 'recent', url: this.url })
    const start = this.#position ?? this.#options.start
    if (start === 'now') {
      // A follower that starts from now has nothing to catch up with; it reports this in a separate
      // task, as a stream would.
      const stop = this.#options.clock.after(0, () => this.#caughtUp(UP_TO_DATE))
      this.#own = { ...NOTHING, stop }
      return
    }
    let upToDate: ShapeMessage | null = null
    this.#own = followShape({
      ...this.#options,
      start,
      live: 'once',
      onAsking: (here) => this.#noteAsking({ ...this.#isAsking, here }),
      onMessage: (message) => {
        if (isUpToDate(message)) upToDate = message
        else this.#options.onMessage(message)
      },
      onPosition: (position) => {
        this.#position = position
        this.#options.onPosition?.(position)
        if (upToDate !== null) this.#caughtUp(upToDate)
      },
    })
  }

  /** Requests missing rows again, with a request of this tab's own. */
  reread(): void {
    if (this.#mode === 'leading') this.#own.reread()
    else if (this.#mode === 'following') this.follow()
  }

  stop(): void {
    // Messages that were delivered here but not sent yet, above all a seal, are sent before it
    // ends.
    if (this.#mode === 'leading' && this.#untold.length > 0) this.#tell()
    this.#mode = 'ended'
    this.#held = null
    this.#own.stop()
  }

  /**
   * Another stream delivers from now on. It begins where its own tab has read to, which may be
   * further than this tab has received.
   */
  hearLeading(): void {
    if (this.#mode !== 'following') return
    if (this.#position === null && this.#options.start === 'now') this.#options.onBegin?.()
    this.#noteAsking({ here: false, leader: false })
    this.follow()
  }

  /** The leader sent a batch. */
  hear(batch: Batch): void {
    if (this.#mode !== 'following') return
    if (this.#held !== null) this.#held.push(batch)
    else this.#deliver(batch)
  }

  /** The server announced to the leader which rows it has. */
  hearNewest(newest: NewestRows): void {
    if (this.#mode === 'following') this.#options.onNewest?.(newest)
  }

  /** The leader began or stopped waiting for an answer. */
  hearAsking(leader: boolean): void {
    if (this.#mode === 'following') this.#noteAsking({ ...this.#isAsking, leader })
  }

  /** The server has begun to answer the leader's live request. */
  hearLive(): void {
    if (this.#mode === 'following') this.#options.onLive?.()
  }

  /** The leader's stream ended early, and so did this one. */
  hearEnd({ code, message, status, retryAfterMs, suspectsUrl, transient }: Ended): void {
    if (this.#mode !== 'following') return
    this.stop()
    const error = new ElectricProviderError(code, message, {
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      suspectsUrl,
    })
    // This may be an old message: a tab that was frozen reads it after the user has signed in again. So the follower tries
    // again with a request of its own, whose answer decides.
    const isAboutRights = status === 401 || status === 403
    const mayPass = transient || isAboutRights
    this.#options.onEnd({ error, transient: mayPass, position: this.#position })
  }

  /**
   * Sends the latest messages to a new follower: a slower server may have answered its catch-up.
   */
  tellRecent(): void {
    if (this.isLeading) for (const { batch } of this.#recent) this.#post(batch)
  }

  #tell(): void {
    const { clock } = this.#options
    const messages = this.#untold
    this.#untold = []
    const batch = { type: 'batch', url: this.url, messages, position: this.#position } as const
    this.#post(batch)
    const now = clock.now()
    this.#recent = [...this.#recent.filter(({ at }) => now - at < RECENT_MS), { at: now, batch }]
  }

  #noteAsking(isAsking: { here: boolean; leader: boolean }): void {
    this.#isAsking = isAsking
    this.#options.onAsking?.(isAsking.here || isAsking.leader)
  }

  #caughtUp(message: ShapeMessage): void {
    const held = this.#held ?? []
    this.#held = null
    for (const batch of held) this.#deliver(batch)
    // The last of them may have been a seal: then the reader has stopped this, and follows the next segment.
    if (this.#mode === 'following') this.#options.onMessage(message)
  }

  #deliver({ messages, position }: Batch): void {
    for (const message of messages) {
      if (this.#mode !== 'following') return
      this.#options.onMessage(message)
    }
    if (position === null || this.#mode !== 'following') return
    this.#position = position
    this.#options.onPosition?.(position)
  }
}

const NOTHING: Following = { stop: () => {}, reread: () => {} }

const UP_TO_DATE: ShapeMessage = { headers: { control: 'up-to-date' } }

const isUpToDate = ({ headers }: ShapeMessage): boolean =>
  'control' in headers && headers.control === 'up-to-date'
