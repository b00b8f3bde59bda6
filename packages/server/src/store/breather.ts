/**
 * Large reads leave the event loop to edits. A read of many pieces keeps the event loop busy with parsing and copying,
 * and an edit passes the event loop several times on its way to another client. So while somebody edits, all large
 * reads together pause as long as their pieces take.
 */
import { nextTurn } from '../node.ts'

/** The time after an edit within which the next edit is expected, in milliseconds. */
const EDITING_MS = 1_000

/**
 * The longest pause after one piece, in milliseconds. A piece that took longer mostly waited for the database and did
 * not keep the event loop busy.
 */
const MAX_PAUSE_MS = 30

/** The longest wait of one read between two pieces, however many reads there are, in milliseconds. */
const MAX_WAIT_MS = 300

/** The bytes of a read that are not followed by a pause: most documents have no more. */
const FREE_BYTES = 256 * 1024

export class Breather {
  #editedAt = Number.NEGATIVE_INFINITY
  #freeAt = 0

  /** Records that somebody has edited just now. */
  noteEdit(): void {
    this.#editedAt = performance.now()
  }

  /**
   * Resolves when a read may go on with its next piece.
   * @param bytes how much it has read so far
   * @param tookMs how long the last piece took
   */
  async afterPiece(bytes: number, tookMs: number): Promise<void> {
    const now = performance.now()
    if (bytes <= FREE_BYTES || now - this.#editedAt > EDITING_MS) return nextTurn()
    const free = Math.max(now, this.#freeAt) + Math.min(tookMs, MAX_PAUSE_MS)
    this.#freeAt = Math.min(free, now + MAX_WAIT_MS)
    const waitMs = this.#freeAt - now
    await new Promise<void>((resolve) => setTimeout(resolve, waitMs))
  }
}

/** The breather of this process, which has one event loop. */
export const breather = new Breather()
