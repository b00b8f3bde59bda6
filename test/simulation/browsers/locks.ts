// The part of Web Locks that the provider uses, for one browser: exclusive locks in a queue, `steal`,
// `signal` and `query`, and release when the page ends. https://w3c.github.io/web-locks/
import type { TaskOwner } from '../kernel/timeline.ts'

/** A page that may hold locks. `task` runs a function in the page as soon as the page is not frozen. */
export interface LockHolder extends TaskOwner {
  task(run: () => void): void
  readonly isGone: boolean
}

interface Request {
  readonly page: LockHolder
  readonly callback: (lock: { name: string }) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Options {
  readonly steal?: boolean
  readonly signal?: AbortSignal
}

export class SimulatedLocks {
  readonly #held = new Map<string, Request>()
  readonly #queues = new Map<string, Request[]>()

  /** The value of `navigator.locks` in this page. */
  of(page: LockHolder): Pick<LockManager, 'query'> & { request: unknown } {
    return {
      request: (name: string, options: Options | Request['callback'], callback?: unknown) =>
        typeof options === 'function'
          ? this.#request(page, name, {}, options)
          : this.#request(page, name, options, callback as Request['callback']),
      query: async () => ({
        held: [...this.#held.keys()].map((name) => ({ name, mode: 'exclusive' as const })),
        pending: [],
      }),
    }
  }

  /** Steals the lock from its holder, and releases it at once. */
  steal(name: string): void {
    this.#takeFromHolder(name)
    this.#grantNext(name)
  }

  holder(name: string): LockHolder | null {
    return this.#held.get(name)?.page ?? null
  }

  names(): string[] {
    return [...this.#held.keys()]
  }

  /** Releases the locks of a page that has ended, and drops its requests. */
  forget(page: LockHolder): void {
    for (const [name, queue] of this.#queues) {
      this.#queues.set(
        name,
        queue.filter((request) => request.page !== page),
      )
    }
    for (const [name, request] of [...this.#held]) {
      if (request.page !== page) continue
      this.#held.delete(name)
      this.#grantNext(name)
    }
  }

  #request(
    page: LockHolder,
    name: string,
    { steal = false, signal }: Options,
    callback: Request['callback'],
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (page.isGone) return
      if (signal?.aborted) return reject(signal.reason)
      const request = { page, callback, resolve, reject }
      if (steal) {
        this.#takeFromHolder(name)
        this.#grant(name, request)
        return
      }
      const queue = this.#queues.get(name) ?? []
      this.#queues.set(name, queue)
      queue.push(request)
      signal?.addEventListener('abort', () => {
        const at = queue.indexOf(request)
        const now = this.#queues.get(name) ?? []
        if (at < 0 && !now.includes(request)) return
        this.#queues.set(
          name,
          now.filter((one) => one !== request),
        )
        reject(signal.reason)
      })
      this.#grantNext(name)
    })
  }

  #takeFromHolder(name: string): void {
    const loser = this.#held.get(name)
    if (loser === undefined) return
    this.#held.delete(name)
    loser.page.task(() => loser.reject(new DOMException('stolen', 'AbortError')))
  }

  #grantNext(name: string): void {
    if (this.#held.has(name)) return
    const next = this.#queues.get(name)?.shift()
    if (next !== undefined) this.#grant(name, next)
  }

  #grant(name: string, request: Request): void {
    this.#held.set(name, request)
    request.page.task(() => {
      // If the lock is stolen while the page is frozen, the callback still runs, since the browser has
      // already called it.
      const done = (settle: () => void) => {
        if (this.#held.get(name) === request) {
          this.#held.delete(name)
          this.#grantNext(name)
        }
        settle()
      }
      Promise.resolve(request.callback({ name })).then(
        (value) => done(() => request.resolve(value)),
        (error) => done(() => request.reject(error)),
      )
    })
  }
}
