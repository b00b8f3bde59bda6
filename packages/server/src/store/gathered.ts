import { setImmediate as nextTurn } from 'node:timers/promises'

/** The memory that is taken before anything has been read, in bytes. */
const FIRST_BYTES = 8 * 1024 * 1024
/** How many bytes are copied in one turn of the event loop. */
const COPIED_AT_ONCE = 4 * 1024 * 1024

/**
 * Bytes of known length that arrive in pieces. The memory grows with what has arrived: many readers of a large
 * document that disconnect right away would otherwise make the garbage collector stop everything else.
 */
export class Gathered {
  readonly #total: number
  // Not from the shared pool of small buffers: a buffer of its own can be transferred to a worker.
  #bytes: Buffer
  #length = 0

  /** @param total how many bytes will arrive */
  constructor(total: number) {
    this.#total = total
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(total, FIRST_BYTES))
  }

  /** @throws {RangeError} if more arrives than was announced */
  async add(piece: Uint8Array): Promise<void> {
    const needed = this.#length + piece.byteLength
    if (needed > this.#bytes.byteLength) await this.#grow(needed)
    this.#bytes.set(piece, this.#length)
    this.#length = needed
  }

  /** All bytes, after the last piece. */
  take(): Uint8Array {
    if (this.#length !== this.#total) throw new RangeError('a piece is missing')
    return this.#bytes
  }

  async #grow(needed: number): Promise<void> {
    const grown = Buffer.allocUnsafeSlow(
      Math.min(this.#total, Math.max(needed, 2 * this.#bytes.byteLength)),
    )
    for (let at = 0; at < this.#length; at += COPIED_AT_ONCE) {
      if (at > 0) await nextTurn()
      grown.set(this.#bytes.subarray(at, Math.min(this.#length, at + COPIED_AT_ONCE)), at)
    }
    this.#bytes = grown
  }
}
