/**
 * Lets readers of one key who ask at the same time share one read. A read that has already begun is
 * never shared: it may have missed what committed just before the newcomer asked, and the newcomer
 * is promised all that was stored then. So at most one read of a key runs and one waits.
 */
export function sharedReads<T>() {
  const running = new Map<string, Promise<unknown>>()
  const waiting = new Map<string, Promise<T>>()

  async function start(key: string, read: () => Promise<T>): Promise<T> {
    const promise = read()
    running.set(key, promise)
    try {
      return await promise
    } finally {
      if (running.get(key) === promise) running.delete(key)
    }
  }

  return {
    read(key: string, read: () => Promise<T>): Promise<T> {
      const current = running.get(key)
      if (current === undefined) return start(key, read)
      const next = waiting.get(key)
      if (next !== undefined) return next
      const promise = current
        .catch(() => {})
        .then(() => {
          waiting.delete(key)
          return start(key, read)
        })
      waiting.set(key, promise)
      return promise
    },
  }
}
