import type { Orphan } from '../core/inheritance.ts'
import type { Clock } from '../io/clock.ts'
import type { Platform } from '../io/platform.ts'
import type { Following, FollowOptions } from '../io/shape-reader.ts'
import { openTabChannel, type TabChannel, type TabSharing } from './channel.ts'
import { Follows } from './follows.ts'
import { BEAT_MS, Leadership } from './leadership.ts'
import type { TabMessage, TabUser, UnsentBatch, UnsignedTabMessage } from './messages.ts'
import { UnsentOfOthers } from './unsent.ts'

export interface TabsOptions {
  /** Names the server and the document. */
  readonly name: string
  readonly clock: Clock
  readonly sharing: TabSharing
  readonly page: Pick<Platform['page'], 'isVisible'>
  /** What this tab has without an ack. */
  readonly unsent: () => readonly UnsentBatch[]
  /** Where the user of this tab is; null where nobody is told. */
  readonly user: () => TabUser | null
  /** An edit of another tab. It is that tab's to send. */
  readonly onEdit: (update: Uint8Array) => void
  /** Edits of another tab are on the server, or on their way there as others. */
  readonly onSettled: (updates: readonly Uint8Array[]) => void
  /**
   * A tab is gone, and this one sends what it left unsent, be it nothing that was heard of. What that
   * is, is asked for when it is taken over, since others may. Resolves when it is this tab's own.
   */
  readonly onOrphans: (orphans: () => readonly Orphan[]) => Promise<void>
  /** Whether other tabs have unsent edits may have changed. */
  readonly onChange: () => void
  /** Where the user of another tab is. */
  readonly onAwareness: (clientId: number, update: Uint8Array) => void
  /** The tab of that user is gone. */
  readonly onLeft: (clientId: number) => void
}

/** How often a follower says that it is here, in beats. */
const HERE_EVERY_BEATS = 16
/** What the leader did not take over for this long, it has not heard of. Milliseconds. */
const ORPHANED_AFTER_MS = 2_000
/** A leader that has heard of nobody for this long keeps quiet. Milliseconds. */
const LONELY_AFTER_MS = 15_000

/**
 * The tabs of one browser on one document share one set of streams, and tell each other at once what
 * is typed, with or without a network. Writing each tab does for itself: posts are short.
 */
export class Tabs {
  readonly #options: TabsOptions
  readonly #leadership: Leadership
  readonly #follows: Follows
  readonly #unsent = new UnsentOfOthers()
  /**
   * Tabs that have said all that they have without an ack. What others tell before may build on what
   * they told earlier, and is told again with that.
   */
  readonly #introduced = new Set<string>()
  /** The awareness client of each other tab. */
  readonly #clients = new Map<string, number>()
  #channel: TabChannel | null = null
  #beats = 0
  #cancelBeat: () => void = () => {}
  #heardOthersAt = Number.NEGATIVE_INFINITY
  #lastGoneAt = 0
  /** How often orphans were asked to be taken over since that is under way; 0: it is not. */
  #adoptions = 0

  constructor(options: TabsOptions) {
    this.#options = options
    this.#leadership = new Leadership({
      name: options.name,
      clock: options.clock,
      locks: options.sharing.locks,
      page: options.page,
      onLead: () => this.#lead(),
      onFollow: () => this.#follows.follow(),
    })
    this.#follows = new Follows({
      clock: options.clock,
      isLeader: () => this.#leadership.isLeader,
      post: (message) => this.#post(message),
    })
  }

  get isLeader(): boolean {
    return this.#leadership.isLeader
  }

  open(): void {
    if (this.#channel !== null) return
    this.#channel = openTabChannel({
      name: this.#options.name,
      tab: this.#options.clock.uuid(),
      sharing: this.#options.sharing,
      onMessage: (message) => this.#onMessage(message),
      onGone: (tab) => this.#onGone(tab),
    })
    this.#leadership.open()
    this.#introduce(false)
    this.#beat()
  }

  close(): void {
    this.#cancelBeat()
    this.#leadership.close()
    this.#channel?.close()
    this.#channel = null
    this.#unsent.clear()
    this.#introduced.clear()
    this.#clients.clear()
    this.#follows.forgetLeader()
  }

  /** Follows a shape through whichever tab leads; in place of `followShape`. */
  readonly follow = (options: FollowOptions): Following => this.#follows.add(options)

  /** Edits of other tabs, alive or gone, that the server may not have yet. */
  unsent(): Uint8Array[] {
    return this.#unsent.all()
  }

  /** Tells the other tabs of an edit of this one. */
  edited(update: Uint8Array, batchId: string): void {
    this.#post({ type: 'edit', update, batchId })
  }

  /** Tells the other tabs of a batch of this one that does not change any more. */
  cut(update: Uint8Array, batchId: string): void {
    this.#post({ type: 'cut', update, batchId })
  }

  /** Tells the other tabs that this one sends what one that is gone had under `formerId`. */
  adopted(update: Uint8Array, batchId: string, formerId: string): void {
    this.#unsent.adoptedHere(update, formerId)
    this.#post({ type: 'adopted', update, batchId, formerId })
  }

  /** This tab has sent what one that is gone left, or is about to, and the others know. */
  disown({ update, batchId }: Orphan): void {
    this.#unsent.adoptedHere(update, batchId)
  }

  settled(batchId: string): void {
    this.#post({ type: 'settled', batchId })
  }

  moved(user: TabUser): void {
    this.#post({ type: 'awareness', user })
  }

  #introduce(isAnswer: boolean): void {
    const { unsent, user } = this.#options
    this.#post({ type: 'hello', isAnswer, unsent: unsent(), user: user() })
  }

  #post(message: UnsignedTabMessage): void {
    this.#channel?.post(message)
  }

  #lead(): void {
    this.#follows.lead()
    this.#sendBeat()
    void this.#adopt()
  }

  #onMessage(message: TabMessage): void {
    const { onEdit, onSettled, onChange } = this.#options
    this.#heardOthersAt = this.#options.clock.now()
    switch (message.type) {
      case 'hello':
        this.#introduced.add(message.tab)
        this.#unsent.introduced(message.tab, message.unsent)
        for (const { update } of message.unsent) onEdit(update)
        if (message.user !== null) this.#heardUser(message.tab, message.user)
        onChange()
        if (message.isAnswer) return
        this.#introduce(true)
        if (this.#leadership.isLeader) this.#sendBeat()
        return
      case 'here':
        if (this.#leadership.isLeader) this.#sendBeat()
        return
      case 'beat':
      case 'leading':
      case 'batch':
      case 'newest':
      case 'asking':
        this.#leadership.heard()
        this.#follows.hear(message)
        return
      case 'ended':
      case 'recent':
        this.#follows.hear(message)
        return
      case 'edit':
        if (!this.#introduced.has(message.tab)) return
        this.#unsent.edited(message.tab, message.batchId, message.update)
        onEdit(message.update)
        onChange()
        return
      case 'cut':
        if (!this.#introduced.has(message.tab)) return
        this.#unsent.cut(message.tab, message.batchId, message.update)
        onEdit(message.update)
        onChange()
        return
      case 'adopted':
        if (!this.#introduced.has(message.tab)) return
        this.#unsent.adopted(message.tab, message.batchId, message.update, message.formerId)
        onEdit(message.update)
        onChange()
        return
      case 'settled':
        onSettled(this.#unsent.settled(message.tab, message.batchId))
        onChange()
        return
      case 'awareness':
        this.#heardUser(message.tab, message.user)
    }
  }

  #heardUser(tab: string, { clientId, update }: TabUser): void {
    this.#clients.set(tab, clientId)
    this.#options.onAwareness(clientId, update)
  }

  #onGone(tab: string): void {
    this.#unsent.gone(tab)
    this.#introduced.delete(tab)
    this.#lastGoneAt = this.#options.clock.now()
    const clientId = this.#clients.get(tab)
    if (clientId !== undefined) this.#options.onLeft(clientId)
    this.#clients.delete(tab)
    if (this.#leadership.isLeader) void this.#adopt()
  }

  /** One after the other: what is being taken over must not be taken over again. */
  async #adopt(): Promise<void> {
    if (this.#adoptions++ > 0) return
    try {
      for (let done = 0; done < this.#adoptions; done++) {
        await this.#options.onOrphans(() => this.#unsent.orphans())
      }
    } finally {
      this.#adoptions = 0
    }
  }

  #beat(): void {
    const { clock } = this.#options
    this.#cancelBeat = clock.after(BEAT_MS, () => {
      const isHeard = clock.now() - this.#heardOthersAt < LONELY_AFTER_MS
      if (this.#leadership.isLeader && isHeard) this.#sendBeat()
      const isTime = ++this.#beats % HERE_EVERY_BEATS === 0
      if (!this.#leadership.isLeader && isTime) this.#post({ type: 'here' })
      const isLeft = clock.now() - this.#lastGoneAt > ORPHANED_AFTER_MS
      if (isLeft && this.#adoptions === 0 && this.#unsent.hasOrphans) void this.#adopt()
      this.#beat()
    })
  }

  #sendBeat(): void {
    this.#post({ type: 'beat', urls: this.#follows.ledUrls() })
  }
}
