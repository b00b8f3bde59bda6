// A page for Node that counts its listeners, Web Locks and broadcast channels.

export interface CountedPage {
  /** The globals of a page, by name. */
  readonly globals: Record<string, unknown>
  /** The current counts. `waiting`: requests for locks that were not granted. */
  count(): { listeners: number; channels: number; locks: number; waiting: number }
  listeners(name: string): number
  fire(name: string, properties?: object): void
}

interface Request {
  readonly run: () => Promise<void>
}

export function countedPage(): CountedPage {
  const listeners = new Map<string, Set<(event: Event) => void>>()
  const channels = new Set<Channel>()
  const held = new Map<string, (reason: Error) => void>()
  const queues = new Map<string, Request[]>()

  class Channel {
    onmessage: ((event: { data: unknown }) => void) | null = null
    readonly name: string
    constructor(name: string) {
      this.name = name
      channels.add(this)
    }
    postMessage(data: unknown): void {
      if (!channels.has(this)) throw new DOMException('closed', 'InvalidStateError')
      for (const other of channels) {
        if (other === this || other.name !== this.name) continue
        queueMicrotask(() => {
          if (channels.has(other)) other.onmessage?.({ data: structuredClone(data) })
        })
      }
    }
    close(): void {
      channels.delete(this)
    }
  }

  async function grantNext(name: string): Promise<void> {
    const next = held.has(name) ? undefined : queues.get(name)?.shift()
    await next?.run()
  }

  function request(
    name: string,
    options: { signal?: AbortSignal; steal?: boolean } | (() => unknown),
    callback?: () => unknown,
  ): Promise<unknown> {
    const work = typeof options === 'function' ? options : callback
    const { signal, steal = false } = typeof options === 'function' ? {} : options
    return new Promise((resolve, reject) => {
      const entry: Request = {
        run: async () => {
          signal?.removeEventListener('abort', onAbort)
          held.set(name, reject)
          try {
            resolve(await work?.())
          } catch (error) {
            reject(error)
          } finally {
            if (held.get(name) === reject) {
              held.delete(name)
              void grantNext(name)
            }
          }
        },
      }
      const onAbort = () => {
        const queue = queues.get(name) ?? []
        queues.set(
          name,
          queue.filter((other) => other !== entry),
        )
        reject(signal?.reason)
      }
      if (signal?.aborted) return onAbort()
      signal?.addEventListener('abort', onAbort)
      if (steal) {
        held.get(name)?.(new DOMException('stolen', 'AbortError'))
        held.delete(name)
        void entry.run()
        return
      }
      queues.set(name, [...(queues.get(name) ?? []), entry])
      // A lock is granted in a separate task.
      queueMicrotask(() => void grantNext(name))
    })
  }

  const target = (prefix: string) => ({
    addEventListener(name: string, listener: (event: Event) => void): void {
      listeners.set(prefix + name, (listeners.get(prefix + name) ?? new Set()).add(listener))
    },
    removeEventListener(name: string, listener: (event: Event) => void): void {
      listeners.get(prefix + name)?.delete(listener)
    },
  })

  return {
    globals: {
      ...target(''),
      navigator: {
        locks: {
          request,
          query: async () => ({ held: [...held.keys()].map((name) => ({ name })) }),
        },
      },
      BroadcastChannel: Channel,
      document: { visibilityState: 'visible', ...target('document ') },
    },
    count: () => ({
      listeners: [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
      channels: channels.size,
      locks: held.size,
      waiting: [...queues.values()].reduce((sum, queue) => sum + queue.length, 0),
    }),
    listeners: (name) => listeners.get(name)?.size ?? 0,
    fire(name, properties = {}) {
      const event = Object.assign(new Event(name), properties)
      for (const listener of [...(listeners.get(name) ?? [])]) listener(event)
    },
  }
}
