import type { SimulatedPage } from '../browsers/page.ts'

export const failed = (): Error => new TypeError('fetch failed')

interface Settle {
  resolve(response: Response): void
  reject(error: unknown): void
}

/** One request of a page, until the page has its answer or has given up. */
export class Exchange {
  readonly #page: SimulatedPage
  readonly #url: URL
  readonly #settle: Settle
  isOver = false
  /** Ends the body of an answer that is still arriving. */
  onBreak: (() => void) | null = null
  /** Tells the server that its client is gone. */
  onOver: () => void = () => {}

  constructor(page: SimulatedPage, url: URL, settle: Settle) {
    this.#page = page
    this.#url = url
    this.#settle = settle
    page.requests.add(url)
    page.connections.add(this.breakOff)
  }

  readonly breakOff = (): void => {
    this.#page.task(() => {
      // First the page: ending the body ends the exchange, and an answer may still be on its way.
      this.#settle.reject(failed())
      this.onBreak?.()
      this.end()
    })
  }

  succeed(response: Response): void {
    // Also when the body has ended already: the page learns of the answer, and of its end.
    this.#settle.resolve(response)
    // The body of a stream goes on.
    if (this.onBreak === null) this.end()
  }

  /** The page gets this error, unless it has the answer. */
  fail(error: unknown): void {
    this.#settle.reject(error)
    this.end()
  }

  end(): void {
    if (this.isOver) return
    this.isOver = true
    this.#page.requests.delete(this.#url)
    this.#page.connections.delete(this.breakOff)
    this.onOver()
  }
}
