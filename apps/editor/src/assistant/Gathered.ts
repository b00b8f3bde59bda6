/**
 * Reads pieces as they come, and hands over all that have come since the last time: a slow writer
 * gets longer pieces and never falls behind.
 */
export class Gathered {
  #text = ''
  #isEnded = false
  #error: unknown = null
  #wake: () => void = () => {}

  /** @param most the most characters that are read in total */
  constructor(pieces: AsyncIterable<string>, most: number) {
    void this.#read(pieces, most)
  }

  /** The text since the last call, at least one character; null at the end. @throws what the pieces threw, after their text */
  async next(): Promise<string | null> {
    while (this.#text === '' && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const text = this.#text
    this.#text = ''
    if (text !== '') return text
    if (this.#error !== null) throw this.#error
    return null
  }

  async #read(pieces: AsyncIterable<string>, most: number): Promise<void> {
    let left = most
    try {
      for await (const piece of pieces) {
        this.#text += piece.slice(0, left)
        left -= piece.length
        this.#wake()
        if (left <= 0) break
      }
    } catch (error) {
      this.#error = error
    }
    this.#isEnded = true
    this.#wake()
  }
}
