/** Events of the page, where there is one. */

export interface PageListeners {
  /** The runtime says that the network is back. */
  readonly onOnline: () => void
  /** The page is closed or enters the back/forward cache. */
  readonly onHide: () => void
  /** The page returns from the back/forward cache. */
  readonly onShowAgain: () => void
}

/** @returns a function that removes the listeners */
export function watchPage({ onOnline, onHide, onShowAgain }: PageListeners): () => void {
  const forget = [
    listen('online', onOnline),
    listen('pagehide', onHide),
    listen('pageshow', (event) => {
      if ('persisted' in event && event.persisted === true) onShowAgain()
    }),
  ]
  return () => {
    for (const each of forget) each()
  }
}

/**
 * Asks the user to confirm closing the page while it is on. It has no listener while it is off: a
 * `beforeunload` listener keeps a page out of the back/forward cache.
 */
export class CloseWarning {
  #forget: (() => void) | null = null
  #hasEnded = false

  set(isOn: boolean): void {
    if (this.#hasEnded || isOn === (this.#forget !== null)) return
    this.#forget?.()
    this.#forget = isOn ? listen('beforeunload', ask) : null
  }

  /** Turns it off permanently. */
  end(): void {
    this.set(false)
    this.#hasEnded = true
  }
}

function ask(event: Event): void {
  event.preventDefault()
  // For browsers that ignore `preventDefault` here (Chromium before 119).
  Object.assign(event, { returnValue: true })
}

function listen(name: string, listener: (event: Event) => void): () => void {
  const { addEventListener, removeEventListener } = globalThis as Partial<typeof globalThis>
  if (typeof addEventListener !== 'function' || typeof removeEventListener !== 'function') {
    return () => {}
  }
  globalThis.addEventListener(name, listener)
  return () => globalThis.removeEventListener(name, listener)
}
