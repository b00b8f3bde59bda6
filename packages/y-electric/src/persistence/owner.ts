/**
 * A page owns the edits that it has in a store for as long as it lives. It shows this with a Web
 * Lock, which the browser releases however the page ends.
 */
export interface Owner {
  readonly id: string
  /** Releases the lock. */
  release(): void
}

/** Web Locks, where the browser has them. */
export type OwnerLocks = Pick<LockManager, 'request' | 'query'>

const PREFIX = 'y-electric:owner:'

/**
 * Becomes an owner. Resolves when the lock is held, so that no page takes this one for gone;
 * rejects where the lock is refused, as in a sandboxed frame.
 */
export async function becomeOwner(id: string, locks: OwnerLocks | null): Promise<Owner> {
  if (locks === null) return { id, release: () => {} }
  return new Promise((resolve, reject) => {
    locks
      .request(PREFIX + id, () => new Promise<void>((release) => resolve({ id, release })))
      .catch(reject)
  })
}

/** Ids of the owners that are alive; null where the browser cannot tell. */
export async function liveOwners(locks: OwnerLocks | null): Promise<ReadonlySet<string> | null> {
  if (locks === null) return null
  const { held = [] } = await locks.query()
  const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(PREFIX))
  return new Set(names.map((name) => name.slice(PREFIX.length)))
}
