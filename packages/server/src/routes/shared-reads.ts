/** A running read and its readers. */
interface Shared<T> {
  readonly promise: Promise<T>
  readonly controller: AbortController
  readers: number
}

/**
 * Lets concurrent readers of one key share one read. A read that has already started is never shared: it
 * may have missed a commit just before the new reader asked, and a reader is promised everything that was
 * stored at that moment. So at most one read of a key runs and one waits. A read is aborted when all of
 * its readers have left.
 */
export function sharedReads<T>() {
  const running = new Map<string, Promise<unknown>>()
  const waiting = new Map<string, Shared<T>>()

  async function start(key: string, read: () => Promise<T>): Promise<T> {
    const promise = read()
    running.set(key, promise)
    try {
      return await promise
    } finally {
      if (running.get(key) === promise) running.delete(key)
    }
  }

  function begin(key: string, read: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const controller = new AbortController()
    const { signal } = controller
    const current = running.get(key)
    if (current === undefined) {
      return { promise: start(key, () => read(signal)), controller, readers: 0 }
    }
    const promise = current
      .catch(() => {})
      .then(() => {
        if (waiting.get(key) === shared) waiting.delete(key)
        signal.throwIfAborted()
        return start(key, () => read(signal))
      })
    const shared: Shared<T> = { promise, controller, readers: 0 }
    waiting.set(key, shared)
    return shared
  }

  /** Aborts a read. A later reader does not join it. */
  function abandon(key: string, { controller }: Shared<T>, reason: unknown): void {
    if (waiting.get(key)?.controller === controller) waiting.delete(key)
    controller.abort(reason)
  }

  return {
    /** @param reader aborted when this reader leaves */
    read(key: string, read: (signal: AbortSignal) => Promise<T>, reader?: AbortSignal): Promise<T> {
      if (reader?.aborted) return Promise.reject(reader.reason)
      const shared = waiting.get(key) ?? begin(key, read)
      shared.readers++
      if (reader === undefined) return shared.promise
      return new Promise<T>((resolve, reject) => {
        const leave = () => {
          shared.readers--
          if (shared.readers === 0) abandon(key, shared, reader.reason)
          reject(reader.reason)
        }
        reader.addEventListener('abort', leave, { once: true })
        shared.promise
          .finally(() => reader.removeEventListener('abort', leave))
          .then(resolve, reject)
      })
    },
  }
}
