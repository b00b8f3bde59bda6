type Command<Part> = (part: Part) => void

/**
 * A part of a session whose module may still be loading. Commands that come before it is there run in
 * their order as soon as it is.
 */
export class LazyPart<Part> {
  #part: Part | null = null
  #waiting = new Map<unknown, Command<Part>>()
  #cancel: () => void = () => {}

  /** @param load calls its argument with the part, now or later; returns a function that cancels this */
  constructor(load: (use: (part: Part) => void) => () => void) {
    this.#cancel = load((part) => {
      this.#part = part
      const waiting = this.#waiting
      this.#waiting = new Map()
      for (const command of waiting.values()) command(part)
    })
  }

  /** The part; null while it is loading. */
  get part(): Part | null {
    return this.#part
  }

  /**
   * Runs a command now, or when the part is there.
   * @param replaces a later command with the same key takes the place of this one while it waits, so
   * that the number of waiting commands is bounded
   */
  do(command: Command<Part>, replaces: unknown = command): void {
    if (this.#part !== null) {
      command(this.#part)
      return
    }
    this.#waiting.delete(replaces)
    this.#waiting.set(replaces, command)
  }

  /** Drops a waiting command, given by its `replaces` key. */
  forget(replaces: unknown): void {
    this.#waiting.delete(replaces)
  }

  /** Drops all waiting commands. */
  forgetAll(): void {
    this.#waiting.clear()
  }

  /** Ends loading. Commands that wait never run. */
  cancel(): void {
    this.#cancel()
    this.#waiting.clear()
  }
}
