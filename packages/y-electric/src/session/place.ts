import type { FollowPoint } from '../core/connection.ts'
import type { Local } from './local.ts'

/**
 * Where the next page goes on reading. While the document shows edits of other tabs that have no ack,
 * there is none: should those tabs end before they have stored or sent them, the next page compares
 * what it finds with what the server has.
 */
export class Place {
  readonly #local: () => Local | null
  readonly #isInDoubt: () => boolean
  #reached: FollowPoint | null = null
  #isHeldBack = false

  constructor(local: () => Local | null, isInDoubt: () => boolean) {
    this.#local = local
    this.#isInDoubt = isInDoubt
  }

  /** Everything before has been recorded. */
  reached(place: FollowPoint): void {
    this.#reached = place
    this.#keep()
  }

  /** The document has got something that may be nowhere else, for now. */
  doubt(): void {
    this.#isHeldBack = true
    this.#local()?.resumeAt(null)
  }

  /** What was in doubt may have come through. */
  check(): void {
    if (this.#isHeldBack) this.#keep()
  }

  /** State is read, and all compared, before there is a place again. */
  forget(): void {
    this.#reached = null
  }

  #keep(): void {
    if (this.#reached === null || this.#isInDoubt()) return
    this.#isHeldBack = false
    this.#local()?.resumeAt(this.#reached)
  }
}
