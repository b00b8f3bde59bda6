/**
 * A page owns the edits that it has in a store for as long as it lives. It shows this with a Web
 * Lock, which the browser releases however the page ends.
 */
export interface Owner {
  readonly id: string
  /** Releases the lock. */
  release(): void
}

const PREFIX = 'y-electric:owner:'

/**
 * Becomes an owner. Resolves when the lock is held, so that no page takes this one for gone;
 * rejects where the lock is refused, as in a sandboxed frame.
 */
export async function becomeOwner(id: string): Promise<Owner> {
  const locks = webLocks()
  if (locks === null) return { id, release: () => {} }
  return new Promise((resolve, reject) => {
    locks
      .request(PREFIX + id, () => new Promise<void>((release) => resolve({ id, release })))
      .catch(reject)
  })
}

/** Ids of the owners that are alive; null where the browser cannot tell. */
export async function liveOwners(): Promise<ReadonlySet<string> | null> {
  const locks = webLocks()
  if (locks === null) return null
  const { held = [] } = await locks.query()
  const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(PREFIX))
  return new Set(names.map((name) => name.slice(PREFIX.length)))
}

/** Missing in old browsers, outside browsers, and on insecure pages. */
function webLocks(): LockManager | null {
  return typeof navigator === 'object' && navigator?.locks ? navigator.locks : null
}
