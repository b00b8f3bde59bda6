import type { Clock } from '../io/clock.ts'
import type { Platform } from '../io/platform.ts'

/** The interval of the heartbeats of a leader with followers, in milliseconds. */
export const BEAT_MS = 300
/**
 * A leader that is silent for this long is frozen: a visible tab takes over at its own next beat,
 * and so within a second. Milliseconds.
 */
const SILENCE_MS = 600
/**
 * Browsers may delay timers of hidden tabs by a minute, so these tabs take over only after several
 * minutes. Milliseconds.
 */
const HIDDEN_SILENCE_MS = 180_000

export interface LeadershipOptions {
  /** Names the server and the document. */
  readonly name: string
  readonly clock: Clock
  readonly locks: Pick<LockManager, 'request'>
  readonly page: Pick<Platform['page'], 'isVisible'>
  readonly onLead: () => void
  readonly onFollow: () => void
}

/**
 * One tab of a document leads: it holds a Web Lock. When it closes, the browser grants the lock to
 * the next tab in the queue at once. When it is frozen, it still holds the lock but sends no
 * heartbeats, and a tab that receives none steals the lock.
 */
export class Leadership {
  readonly #options: LeadershipOptions
  readonly #lock: string
  #release: (() => void) | null = null
  #queue = new AbortController()
  #heardAt = 0
  #cancelWatch: () => void = () => {}
  #isOpen = false

  constructor(options: LeadershipOptions) {
    this.#options = options
    this.#lock = `y-electric:leader:${options.name}`
  }

  get isLeader(): boolean {
    return this.#release !== null
  }

  open(): void {
    this.#isOpen = true
    this.heard()
    this.#stand({})
    this.#watch()
  }

  close(): void {
    this.#isOpen = false
    this.#cancelWatch()
    this.#queue.abort()
    this.#release?.()
    this.#release = null
  }

  /** Records that a message of the leader was received. */
  heard(): void {
    this.#heardAt = this.#options.clock.now()
  }

  #stand({ steal = false }: { steal?: boolean }): void {
    this.#queue.abort()
    const queue = new AbortController()
    this.#queue = queue
    // The two options exclude each other: a request that steals does not wait.
    const options = steal ? { steal } : { signal: queue.signal }
    this.#options.locks
      .request(this.#lock, options, () => this.#lead(queue.signal))
      .catch(() => {
        // Given up, or another tab stole the lock while this one was frozen.
        if (queue === this.#queue) this.#deposed()
      })
  }

  #lead(queue: AbortSignal): Promise<void> | undefined {
    if (queue.aborted || !this.#isOpen) return undefined
    return new Promise((resolve) => {
      this.#release = resolve
      this.#options.onLead()
    })
  }

  #deposed(): void {
    if (!this.#isOpen) return
    const wasLeader = this.#release !== null
    this.#release = null
    this.heard()
    if (wasLeader) this.#options.onFollow()
    this.#stand({})
  }

  #watch(): void {
    const { clock, page } = this.#options
    this.#cancelWatch = clock.after(BEAT_MS, () => {
      const patience = page.isVisible() ? SILENCE_MS : HIDDEN_SILENCE_MS
      if (!this.isLeader && clock.now() - this.#heardAt > patience) {
        this.heard()
        this.#stand({ steal: true })
      }
      this.#watch()
    })
  }
}
