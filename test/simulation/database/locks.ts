// Advisory locks of transactions.
export type LockMode = 'shared' | 'exclusive'

export class AdvisoryLocks<Transaction extends object> {
  readonly #holders = new Map<string, Map<Transaction, LockMode>>()

  /** @returns a transaction that holds a conflicting lock; null if the lock was free and is taken now */
  tryLock(transaction: Transaction, key: string, mode: LockMode): Transaction | null {
    const holders = this.#holders.get(key) ?? new Map<Transaction, LockMode>()
    this.#holders.set(key, holders)
    for (const [holder, held] of holders) {
      if (holder !== transaction && (mode === 'exclusive' || held === 'exclusive')) return holder
    }
    if (holders.get(transaction) !== 'exclusive') holders.set(transaction, mode)
    return null
  }

  release(transaction: Transaction): void {
    for (const [key, holders] of this.#holders) {
      holders.delete(transaction)
      if (holders.size === 0) this.#holders.delete(key)
    }
  }
}
