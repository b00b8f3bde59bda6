/**
 * A page that has edits in a store owns them for as long as it lives: a Web Lock says so, and the
 * browser releases it however the page ends.
 */
export interface Owner {
  readonly id: string
  /** Lets go. */
  release(): void
}

const PREFIX = 'y-electric:owner:'

/**
 * Becomes an owner. Resolves when the lock is held, so that nobody takes this page for gone; rejects
 * where it is refused, as in a sandboxed frame.
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

/** Missing in old browsers, outside them, and on pages that are not served securely. */
function webLocks(): LockManager | null {
  return typeof navigator === 'object' && navigator?.locks ? navigator.locks : null
}
