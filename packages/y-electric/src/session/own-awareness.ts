import { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'

type Use = (awareness: Awareness) => () => void

/**
 * The awareness of one provider: the app passes it, or it is made when the app first asks for it. Until
 * then nothing is sent and no timer runs, so an app without presence pays for none.
 */
export class OwnAwareness {
  readonly #doc: Y.Doc
  readonly #isGiven: boolean
  #awareness: Awareness | null
  #isDestroyed = false
  #onMade: () => void = () => {}

  constructor(doc: Y.Doc, given: Awareness | null) {
    this.#doc = doc
    this.#isGiven = given !== null
    this.#awareness = given
  }

  /** The awareness; null until it is made. */
  get made(): Awareness | null {
    return this.#awareness
  }

  /** The awareness, which this makes if need be. */
  demand(): Awareness {
    if (this.#awareness !== null) return this.#awareness
    const awareness = new Awareness(this.#doc)
    this.#awareness = awareness
    if (this.#isDestroyed) awareness.destroy()
    // An app that asks for the awareness sets its state next. Presence begins with that state.
    else queueMicrotask(() => this.#onMade())
    return awareness
  }

  /**
   * Calls `use` at once if the app passed an awareness, otherwise soon after it is made.
   * @param use returns a function that undoes the call
   * @returns a function that cancels or undoes the call
   */
  whenMade(use: Use): () => void {
    if (this.#awareness !== null) return use(this.#awareness)
    let undo = (): void => {}
    this.#onMade = () => {
      undo = use(this.demand())
    }
    return () => {
      this.#onMade = () => {}
      undo()
    }
  }

  /** Ends the awareness, unless it is the app's. */
  destroy(): void {
    this.#isDestroyed = true
    if (!this.#isGiven) this.#awareness?.destroy()
  }
}
