/**
 * Far more than the transactions that can be open at one moment (backends and prepared ones), so
 * that the numbers of those that commit out of order find room between two transactions' numbers.
 */
const STEP = 2 ** 15

/**
 * Numbers transactions in the order of their commits, so that every process that hears them gives
 * the same numbers, whenever it began to listen, and nobody has to agree on anything.
 *
 * A number is the transaction's xid times STEP, or two more than the one before where that is more:
 * xids are given in another order than commits. Such a run of "two more" ends soon, since all in it
 * were open when the transaction that began it committed. So there is a bound for what a newcomer
 * did not hear, and from the first transaction above that bound the newcomer's numbers are exact.
 *
 * Two apart, so that the place right behind a transaction has a number too.
 */
export class Positions {
  #last: number
  #exact = false

  /** `nextXid`: above every transaction that had ended when listening began. */
  constructor(nextXid: number) {
    // A run is at most STEP / 4 long, and begins at nextXid - 1 or before.
    this.#last = nextXid * STEP - STEP / 2
  }

  /** The number of the last transaction; a bound above it until numbers are exact. */
  get last(): number {
    return this.#last
  }

  /** Is `last` what all others say too? Once true, it stays true. */
  get isExact(): boolean {
    return this.#exact
  }

  /** The number of the transaction that is heard next. */
  next(xid: number): number {
    const own = xid * STEP
    if (own >= this.#last + 2) this.#exact = true
    this.#last = Math.max(this.#last + 2, own)
    return this.#last
  }
}
