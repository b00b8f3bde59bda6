import { type Clock, randomId } from '../io/clock.ts'
import type { FollowOptions } from '../io/shape-reader.ts'
import { openTabChannel, type TabChannel } from './channel.ts'
import { BEAT_MS, Leadership } from './leadership.ts'
import type { TabMessage, UnsignedTabMessage } from './messages.ts'
import { SharedFollow } from './shared-follow.ts'

export interface TabsOptions {
  /** Names the server and the document. */
  readonly name: string
  readonly clock: Clock
  /** An edit of another tab. It is that tab's to send. */
  readonly onEdit: (update: Uint8Array) => void
  /** A tab is gone and left these unsent; the leader sends them. */
  readonly onOrphans: (orphans: readonly Orphan[]) => void
  /** Whether other tabs have unsent edits may have changed. */
  readonly onChange: () => void
  /** Where the user of another tab is. */
  readonly onAwareness: (clientId: number, update: Uint8Array) => void
  /** The tab of that user is gone. */
  readonly onLeft: (clientId: number) => void
}

/** Edits of one batch of a tab that is gone. */
export interface Orphan {
  readonly batchId: string
  readonly updates: readonly Uint8Array[]
}

/** A leader that does not follow what this tab follows for this long is of no use here. Milliseconds. */
const ALONE_AFTER_MS = 2_000
/** How often a follower says that it is here, in beats. */
const HERE_EVERY_BEATS = 16
/** A leader that has heard of nobody for this long keeps quiet. Milliseconds. */
const LONELY_AFTER_MS = 15_000

/**
 * The tabs of one browser on one document share one set of streams, and tell each other at once what
 * is typed, with or without a network. Writing each tab does for itself: posts are short.
 */
export class Tabs {
  readonly #options: TabsOptions
  readonly #leadership: Leadership
  readonly #follows = new Set<SharedFollow>()
  /** Since when the leader is known not to follow a URL. */
  readonly #unledSince = new Map<SharedFollow, number>()
  /** Unacked edits of the other tabs, by tab and batch. */
  readonly #foreign = new Map<string, Map<string, Uint8Array[]>>()
  /** What tabs that are gone left behind, until somebody's ack. */
  readonly #orphans = new Map<string, Uint8Array[]>()
  /** The awareness client of each other tab. */
  readonly #clients = new Map<string, number>()
  #channel: TabChannel | null = null
  #beats = 0
  #cancelBeat: () => void = () => {}
  #heardOthersAt = Number.NEGATIVE_INFINITY

  constructor(options: TabsOptions) {
    this.#options = options
    this.#leadership = new Leadership({
      name: options.name,
      clock: options.clock,
      onLead: () => this.#lead(),
      onFollow: () => {
        for (const follow of this.#follows) follow.follow()
      },
    })
  }

  open(): void {
    if (this.#channel !== null) return
    this.#channel = openTabChannel({
      name: this.#options.name,
      onMessage: (message) => this.#onMessage(message),
      onGone: (tab) => this.#onGone(tab),
    })
    this.#leadership.open()
    this.#post({ type: 'here' })
    this.#beat()
  }

  close(): void {
    this.#cancelBeat()
    this.#leadership.close()
    this.#channel?.close()
    this.#channel = null
    // What becomes of these is not heard any more. Whoever comes back joins, which compares what is
    // shown here with what the server has.
    this.#foreign.clear()
    this.#orphans.clear()
    this.#clients.clear()
    this.#unledSince.clear()
  }

  /** Follows a shape through whichever tab leads; in place of `followShape`. */
  readonly follow = (options: FollowOptions): (() => void) => {
    const follow = new SharedFollow(options, (message) => this.#post(message))
    this.#follows.add(follow)
    if (this.#leadership.isLeader) follow.lead()
    else follow.follow()
    return () => {
      this.#follows.delete(follow)
      this.#unledSince.delete(follow)
      follow.stop()
    }
  }

  /** Edits of other tabs, alive or gone, that the server may not have yet. */
  unsent(): Uint8Array[] {
    const batches = [...this.#foreign.values()].flatMap((ofTab) => [...ofTab.values()])
    return [...batches, ...this.#orphans.values()].flat()
  }

  /** Tells the other tabs of an edit of this one. */
  edited(update: Uint8Array, batchId: string): void {
    this.#post({ type: 'edit', update, batchId })
  }

  settled(batchId: string): void {
    this.#orphans.delete(batchId)
    this.#post({ type: 'settled', batchId })
  }

  moved(clientId: number, update: Uint8Array): void {
    this.#post({ type: 'awareness', clientId, update })
  }

  #post(message: UnsignedTabMessage): void {
    this.#channel?.post(message)
  }

  #lead(): void {
    for (const follow of this.#follows) follow.lead()
    this.#sendBeat()
    this.#adopt()
  }

  #onMessage(message: TabMessage): void {
    const { onEdit, onAwareness, onChange } = this.#options
    this.#heardOthersAt = this.#options.clock.now()
    switch (message.type) {
      case 'here':
        if (this.#leadership.isLeader) this.#sendBeat()
        return
      case 'beat':
        this.#heardBeat(message.urls)
        return
      case 'batch':
        this.#leadership.heard()
        for (const follow of this.#follows) if (follow.url === message.url) follow.hear(message)
        return
      case 'ended':
        for (const follow of [...this.#follows]) {
          if (follow.url === message.url) follow.hearEnd(message)
        }
        return
      case 'recent':
        for (const follow of this.#follows) if (follow.url === message.url) follow.tellRecent()
        return
      case 'edit':
        this.#remember(message.tab, message.batchId, message.update)
        onEdit(message.update)
        onChange()
        return
      case 'settled':
        this.#foreign.get(message.tab)?.delete(message.batchId)
        this.#orphans.delete(message.batchId)
        onChange()
        return
      case 'awareness':
        this.#clients.set(message.tab, message.clientId)
        onAwareness(message.clientId, message.update)
    }
  }

  /** A leader that follows something else (a tab that is behind, or refused) leaves us to ourselves. */
  #heardBeat(urls: readonly string[]): void {
    const { clock } = this.#options
    this.#leadership.heard()
    for (const follow of this.#follows) {
      if (follow.isLeading || urls.includes(follow.url)) this.#unledSince.delete(follow)
      else if (!this.#unledSince.has(follow)) this.#unledSince.set(follow, clock.now())
      else if (clock.now() - (this.#unledSince.get(follow) ?? 0) > ALONE_AFTER_MS) follow.lead()
    }
  }

  #remember(tab: string, batchId: string, update: Uint8Array): void {
    const batches = this.#foreign.get(tab) ?? new Map<string, Uint8Array[]>()
    this.#foreign.set(tab, batches)
    const updates = batches.get(batchId)
    if (updates === undefined) batches.set(batchId, [update])
    else updates.push(update)
  }

  #onGone(tab: string): void {
    for (const [batchId, updates] of this.#foreign.get(tab) ?? []) {
      this.#orphans.set(batchId, updates)
    }
    this.#foreign.delete(tab)
    const clientId = this.#clients.get(tab)
    if (clientId !== undefined) this.#options.onLeft(clientId)
    this.#clients.delete(tab)
    if (this.#leadership.isLeader) this.#adopt()
  }

  /**
   * Under new ids: under the old one the tab may have sent more than the others heard of, or a page
   * that loads the store may send less, and the server takes one of them for all. From now on they
   * are this tab's own edits, as the others are told.
   */
  #adopt(): void {
    const orphans = [...this.#orphans].map(([batchId, updates]) => {
      const adopted = { batchId: randomId(), updates }
      for (const update of updates) this.edited(update, adopted.batchId)
      this.settled(batchId)
      return adopted
    })
    if (orphans.length > 0) this.#options.onOrphans(orphans)
  }

  #beat(): void {
    const { clock } = this.#options
    this.#cancelBeat = clock.after(BEAT_MS, () => {
      const isHeard = clock.now() - this.#heardOthersAt < LONELY_AFTER_MS
      if (this.#leadership.isLeader && isHeard) this.#sendBeat()
      const isTime = ++this.#beats % HERE_EVERY_BEATS === 0
      if (!this.#leadership.isLeader && isTime) this.#post({ type: 'here' })
      this.#beat()
    })
  }

  #sendBeat(): void {
    const urls = [...this.#follows].filter(({ isLeading }) => isLeading).map(({ url }) => url)
    this.#post({ type: 'beat', urls })
  }
}
