import type { TabsEffect } from '../core/ledger/effects.ts'
import type { Dispatch, TabEvent, TabUser } from '../core/ledger/events.ts'
import type { UnsentBatch } from '../core/unsent-of-others.ts'
import type { Clock } from '../io/clock.ts'
import type { Platform } from '../io/platform.ts'
import type { Following, FollowOptions } from '../io/shape-reader.ts'
import { openTabChannel, type TabChannel } from './channel.ts'
import { Follows } from './follows.ts'
import { BEAT_MS, Leadership } from './leadership.ts'
import type { TabMessage, UnsignedTabMessage } from './messages.ts'
import type { TabSharing } from './sharing.ts'

export interface TabsOptions {
  /** Names the server and the document. */
  readonly name: string
  readonly clock: Clock
  readonly sharing: TabSharing
  readonly page: Pick<Platform['page'], 'isVisible'>
  /** The presence of the user of this tab; null where it is not shared. */
  readonly user: () => TabUser | null
  readonly dispatch: Dispatch<TabEvent>
}

/** How often a follower announces that it is present, in beats. */
const HERE_EVERY_BEATS = 16
/** A leader that has received no message for this long stops its heartbeats. Milliseconds. */
const LONELY_AFTER_MS = 15_000

/**
 * The tabs of one browser on one document share one set of streams, and send each other edits at
 * once, with or without a network. Each tab posts its own edits: posts are short.
 */
export class Tabs {
  readonly #options: TabsOptions
  readonly #leadership: Leadership
  readonly #follows: Follows
  /** The awareness client of each other tab. */
  readonly #clients = new Map<string, number>()
  #channel: TabChannel | null = null
  #beats = 0
  #cancelBeat: () => void = () => {}
  /** When a message of another tab was last received; null before. */
  #heardOthersAt: number | null = null

  constructor(options: TabsOptions) {
    this.#options = options
    this.#leadership = new Leadership({
      name: options.name,
      clock: options.clock,
      locks: options.sharing.locks,
      page: options.page,
      onLead: () => this.#lead(),
      onFollow: () => this.#follow(),
    })
    this.#follows = new Follows({
      clock: options.clock,
      isLeader: () => this.#leadership.isLeader,
      post: (message) => this.#post(message),
    })
  }

  run(effect: TabsEffect): void {
    switch (effect.type) {
      case 'open':
        this.#open(effect.unsent)
        return
      case 'close':
        this.close()
        return
      case 'introduce':
        this.#introduce(effect.unsent, true)
        return
      case 'edited':
        this.#post({ type: 'edit', update: effect.update, batchId: effect.batchId })
        return
      case 'cut':
        this.#post({ type: 'cut', update: effect.update, batchId: effect.batchId })
        return
      case 'adopted':
        this.#post({
          type: 'adopted',
          update: effect.update,
          batchId: effect.batchId,
          formerId: effect.formerId,
        })
        return
      case 'settled':
        this.#post({ type: 'settled', batchId: effect.batchId })
        return
      case 'moved':
        this.#post({ type: 'awareness', user: effect.user })
    }
  }

  #open(unsent: readonly UnsentBatch[]): void {
    if (this.#channel !== null) return
    this.#channel = openTabChannel({
      name: this.#options.name,
      tab: this.#options.clock.uuid(),
      sharing: this.#options.sharing,
      onMessage: (message) => this.#onMessage(message),
      onGone: (tab) => this.#onGone(tab),
    })
    this.#leadership.open()
    this.#introduce(unsent, false)
    this.#beat()
  }

  close(): void {
    this.#cancelBeat()
    this.#leadership.close()
    this.#channel?.close()
    this.#channel = null
    this.#clients.clear()
    this.#follows.forgetLeader()
  }

  /** Follows a shape through whichever tab leads; replaces `followShape`. */
  readonly follow = (options: FollowOptions): Following => this.#follows.add(options)

  /** Sends the other tabs everything that they cannot know of this one. */
  #introduce(unsent: readonly UnsentBatch[], isAnswer: boolean): void {
    this.#post({ type: 'hello', isAnswer, unsent, user: this.#options.user() })
  }

  #post(message: UnsignedTabMessage): void {
    this.#channel?.post(message)
  }

  #lead(): void {
    this.#follows.lead()
    this.#sendBeat()
    this.#options.dispatch({ type: 'led' })
  }

  #follow(): void {
    this.#follows.follow()
    this.#options.dispatch({ type: 'deposed' })
  }

  #onMessage(message: TabMessage): void {
    const { dispatch, clock } = this.#options
    this.#heardOthersAt = clock.now()
    switch (message.type) {
      case 'hello':
        dispatch({ ...message, type: 'tab-hello' })
        if (message.user !== null) this.#heardUser(message.tab, message.user)
        if (!message.isAnswer && this.#leadership.isLeader) this.#sendBeat()
        return
      case 'here':
        if (this.#leadership.isLeader) this.#sendBeat()
        return
      case 'beat':
      case 'leading':
      case 'batch':
      case 'newest':
      case 'asking':
      case 'live':
        this.#leadership.heard()
        this.#follows.hear(message)
        return
      case 'ended':
      case 'recent':
        this.#follows.hear(message)
        return
      case 'edit':
        dispatch({ ...message, type: 'tab-edit' })
        return
      case 'cut':
        dispatch({ ...message, type: 'tab-cut' })
        return
      case 'adopted':
        dispatch({ ...message, type: 'tab-adopted' })
        return
      case 'settled':
        dispatch({ ...message, type: 'tab-settled' })
        return
      case 'awareness':
        this.#heardUser(message.tab, message.user)
    }
  }

  #heardUser(tab: string, user: TabUser): void {
    this.#clients.set(tab, user.clientId)
    this.#options.dispatch({ type: 'tab-user', user })
  }

  #onGone(tab: string): void {
    const { dispatch } = this.#options
    const clientId = this.#clients.get(tab)
    this.#clients.delete(tab)
    if (clientId !== undefined) dispatch({ type: 'tab-user-left', clientId })
    dispatch({ type: 'tab-gone', tab })
  }

  #beat(): void {
    const { clock, dispatch } = this.#options
    this.#cancelBeat = clock.after(BEAT_MS, () => {
      const heardAt = this.#heardOthersAt
      const isHeard = heardAt !== null && clock.now() - heardAt < LONELY_AFTER_MS
      if (this.#leadership.isLeader && isHeard) this.#sendBeat()
      const isTime = ++this.#beats % HERE_EVERY_BEATS === 0
      if (!this.#leadership.isLeader && isTime) this.#post({ type: 'here' })
      dispatch({ type: 'beat' })
      this.#beat()
    })
  }

  #sendBeat(): void {
    this.#post({ type: 'beat', urls: this.#follows.ledUrls() })
  }
}
