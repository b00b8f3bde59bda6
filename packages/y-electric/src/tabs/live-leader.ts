import type { Clock } from '../io/clock.ts'
import { NotJoined, type OwnSource, type StreamSource } from '../io/live-hub.ts'
import type { Platform } from '../io/platform.ts'
import { openTabChannel, type TabChannel } from './channel.ts'
import { BEAT_MS, Leadership } from './leadership.ts'
import type { LiveMessage, UnsignedLiveMessage } from './live-messages.ts'
import { RemoteStreams } from './remote-streams.ts'
import type { TabSharing } from './sharing.ts'

/**
 * How long a leader sends heartbeats after it last received a message of another tab, in
 * milliseconds.
 */
const LONELY_AFTER_MS = 15_000

/** How often a follower announces that it is present, in beats. */
const HELLO_EVERY_BEATS = 16

export interface LiveLeaderOptions {
  /** Names the server and the credentials, without revealing them. */
  readonly name: string
  readonly clock: Clock
  readonly sharing: TabSharing
  readonly page: Pick<Platform['page'], 'isVisible'>
  /** Makes the source of streams that is used while this tab leads. */
  readonly createSource: (onIdle: () => void) => OwnSource
  /** Called when no stream is open here any more, for this tab or for another one. */
  readonly onIdle: () => void
}

/**
 * The tabs of one browser with the same credentials read all their streams through the tab that
 * leads, so that twelve tabs need one connection, not twelve. When the leader is gone, its streams
 * end in every tab, and their readers request them from the next leader, each from where it was.
 */
export class LiveLeader implements StreamSource {
  readonly #options: LiveLeaderOptions
  readonly #leadership: Leadership
  readonly #channel: TabChannel<LiveMessage>
  /** Streams that this tab requests from another one. */
  readonly #asked: RemoteStreams
  /** Streams that other tabs request from this one, by id, with a function that ends each. */
  readonly #served = new Map<string, { readonly tab: string; readonly aborter: AbortController }>()
  #source: OwnSource | null = null
  #hasHeardLeader = false
  #beats = 0
  #heardAt: number
  #cancelBeat: () => void = () => {}
  #isClosed = false

  constructor(options: LiveLeaderOptions) {
    this.#options = options
    this.#heardAt = options.clock.now()
    this.#channel = openTabChannel<LiveMessage>({
      name: `live:${options.name}`,
      tab: options.clock.uuid(),
      sharing: options.sharing,
      onMessage: (message) => this.#onMessage(message),
      onGone: (tab) => this.#onGone(tab),
    })
    this.#asked = new RemoteStreams({
      freshId: options.clock.uuid,
      post: (message) => this.#post(message),
      onIdle: () => this.#checkIdle(),
    })
    this.#leadership = new Leadership({
      name: `live:${options.name}`,
      clock: options.clock,
      locks: options.sharing.locks,
      page: options.page,
      onLead: () => this.#lead(),
      onFollow: () => this.#depose(),
    })
    this.#leadership.open()
    this.#post({ type: 'hello' })
    this.#beat()
  }

  open(path: string, signal: AbortSignal): Promise<Response> {
    if (this.#source !== null) return this.#source.open(path, signal)
    return this.#asked.open(path, signal, this.#hasHeardLeader)
  }

  #lead(): void {
    this.#source = this.#options.createSource(() => this.#checkIdle())
    this.#post({ type: 'lead' })
    for (const { path, signal, settle } of this.#asked.takeUnanswered()) {
      settle(this.#source.open(path, signal))
    }
    this.#asked.endAll()
  }

  /**
   * Another tab leads, because this one was frozen: the streams that it serves and reads itself
   * end.
   */
  #depose(): void {
    for (const { aborter } of this.#served.values()) aborter.abort()
    this.#served.clear()
    this.#source?.close()
    this.#source = null
    this.#hasHeardLeader = false
    this.#post({ type: 'hello' })
  }

  #onMessage(message: LiveMessage): void {
    const { clock } = this.#options
    this.#heardAt = clock.now()
    switch (message.type) {
      case 'hello':
        if (this.#leadership.isLeader) this.#post({ type: 'beat' })
        return
      case 'beat':
        this.#hearLeader()
        return
      case 'lead':
        this.#asked.endAll()
        this.#hasHeardLeader = false
        this.#hearLeader()
        return
      case 'open':
        if (this.#source !== null) void this.#serve(message, this.#source)
        return
      case 'close':
        this.#served.get(message.id)?.aborter.abort()
        return
      case 'opened':
      case 'bytes':
      case 'ended':
        this.#asked.hear(message)
    }
  }

  #hearLeader(): void {
    this.#leadership.heard()
    if (this.#hasHeardLeader || this.#leadership.isLeader) return
    this.#hasHeardLeader = true
    this.#asked.askAll()
  }

  async #serve(
    { tab, id, path }: LiveMessage & { type: 'open' },
    source: StreamSource,
  ): Promise<void> {
    if (this.#served.has(id)) return
    const aborter = new AbortController()
    this.#served.set(id, { tab, aborter })
    let isNotJoined = false
    try {
      const response = await source.open(path, aborter.signal)
      const { status } = response
      const headers = [...response.headers]
      const isStream = response.ok && response.body !== null
      const body = isStream ? null : await response.text()
      this.#post({ type: 'opened', id, status, headers, body })
      if (isStream && response.body !== null) {
        const reader = response.body.getReader()
        for (;;) {
          const { done, value } = await reader.read()
          if (done) break
          this.#post({ type: 'bytes', id, bytes: value })
        }
      }
    } catch (error) {
      // Its reader requests it again, and so finds out why it ended.
      isNotJoined = error instanceof NotJoined
    }
    this.#served.delete(id)
    this.#post({ type: 'ended', id, isNotJoined })
    this.#checkIdle()
  }

  #onGone(tab: string): void {
    for (const served of this.#served.values()) if (served.tab === tab) served.aborter.abort()
  }

  #beat(): void {
    const { clock } = this.#options
    this.#cancelBeat = clock.after(BEAT_MS, () => {
      this.#beats += 1
      if (this.#leadership.isLeader) {
        if (clock.now() - this.#heardAt < LONELY_AFTER_MS) this.#post({ type: 'beat' })
      } else if (this.#beats % HELLO_EVERY_BEATS === 0) this.#post({ type: 'hello' })
      this.#beat()
    })
  }

  #post(message: UnsignedLiveMessage): void {
    if (!this.#isClosed) this.#channel.post(message)
  }

  /** A tab without streams of its own does not lead: another tab that has some gets the lock. */
  #checkIdle(): void {
    if (this.#isClosed || !this.#asked.isEmpty || this.#served.size > 0) return
    if (this.#source?.isIdle === false) return
    this.#isClosed = true
    this.#cancelBeat()
    this.#leadership.close()
    this.#channel.close()
    this.#options.onIdle()
  }
}
