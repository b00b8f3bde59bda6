/**
 * Far more than the number of transactions that can be open at one moment (backends and prepared
 * transactions), so that the numbers of transactions that commit out of order fit between the
 * numbers of two others.
 */
const STEP = 2 ** 15

/**
 * Numbers transactions in commit order. Every process that receives them gives the same numbers,
 * whenever it began to listen, without any coordination.
 *
 * A number is the transaction's xid times STEP, or the previous number plus two if that is more:
 * commits do not happen in xid order. A run of "plus two" ends soon, because all its transactions
 * were already open when the transaction that started it committed. This bounds the numbers that a
 * new listener missed; from the first transaction above that bound its numbers are exact.
 *
 * Numbers are two apart so that the position right after a transaction also has a number.
 */
export class Positions {
  #last: number
  #exact = false

  /** `nextXid` is above every transaction that had ended when listening began. */
  constructor(nextXid: number) {
    // A run is at most STEP / 4 long, and begins at nextXid - 1 or before.
    this.#last = nextXid * STEP - STEP / 2
  }

  /** The number of the last transaction; a bound above it until numbers are exact. */
  get last(): number {
    return this.#last
  }

  /** True if `last` equals the number that every other process gives. Once true, it stays true. */
  get isExact(): boolean {
    return this.#exact
  }

  /** The number of the next transaction received. */
  next(xid: number): number {
    const own = xid * STEP
    if (own >= this.#last + 2) this.#exact = true
    this.#last = Math.max(this.#last + 2, own)
    return this.#last
  }
}
