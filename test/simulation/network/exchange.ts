import type { SimulatedPage } from '../browsers/page.ts'

export const failed = (): Error => new TypeError('fetch failed')

interface Settle {
  resolve(response: Response): void
  reject(error: unknown): void
}

/** One request of a page, until the page has its answer or has aborted it. */
export class Exchange {
  readonly #page: SimulatedPage
  readonly #url: URL
  readonly #settle: Settle
  isOver = false
  /** Ends the body of an answer that is still arriving. */
  onBreak: (() => void) | null = null
  /** Notifies the server that its client has disconnected. */
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
      // The page is notified first, because ending the body ends the exchange, and an answer may be in flight.
      this.#settle.reject(failed())
      this.onBreak?.()
      this.end()
    })
  }

  succeed(response: Response): void {
    // The page gets the answer even if its body has ended already.
    this.#settle.resolve(response)
    // The body of a stream continues.
    if (this.onBreak === null) this.end()
  }

  /** Rejects the request of the page with an error, unless it has the answer. */
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
