/**
 * A page that has edits in a store owns them for as long as it lives: a Web Lock says so, and the
 * browser releases it however the page ends.
 */
export interface Owner {
  readonly id: string
  /** Lets go. */
  release(): void
}

/** Web Locks, where the browser has them. */
export type OwnerLocks = Pick<LockManager, 'request' | 'query'>

const PREFIX = 'y-electric:owner:'

/**
 * Becomes an owner. Resolves when the lock is held, so that nobody takes this page for gone; rejects
 * where it is refused, as in a sandboxed frame.
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
