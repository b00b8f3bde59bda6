/**
 * Large reads leave the event loop to edits. A read of many pieces keeps the event loop busy with parsing and copying, and
 * an edit passes the event loop several times on its way to another client. So while somebody edits, all large
 * reads together pause as long as their pieces take.
 */
import { nextTurn } from '../node.ts'

/** So long after an edit the next one is expected, in milliseconds. */
const EDITING_MS = 1_000

/** The longest pause for one piece, in milliseconds: a piece that waited for the database kept nobody busy. */
const MAX_PAUSE_MS = 30

/** The longest wait of one read between two pieces, however many reads there are, in milliseconds. */
const MAX_WAIT_MS = 300

/** The pieces of a read that are not followed by a pause: most documents have no more. */
const FREE_PIECES = 1

export class Breather {
  #editedAt = Number.NEGATIVE_INFINITY
  #freeAt = 0

  /** Records that somebody edits. */
  noteEdit(): void {
    this.#editedAt = performance.now()
  }

  /**
   * Resolves when a read may go on with its next piece.
   * @param piece the number of the piece that it has read, from 0
   * @param tookMs how long that piece took
   */
  async afterPiece(piece: number, tookMs: number): Promise<void> {
    const now = performance.now()
    if (piece < FREE_PIECES || now - this.#editedAt > EDITING_MS) return nextTurn()
    const free = Math.max(now, this.#freeAt) + Math.min(tookMs, MAX_PAUSE_MS)
    this.#freeAt = Math.min(free, now + MAX_WAIT_MS)
    const waitMs = this.#freeAt - now
    await new Promise<void>((resolve) => setTimeout(resolve, waitMs))
  }
}

/** The one of this process, as there is one event loop. */
export const breather = new Breather()
