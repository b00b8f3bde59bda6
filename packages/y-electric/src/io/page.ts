/** Events of the page, where there is one. */

export interface PageListeners {
  /** The runtime says that the network is back. */
  readonly onOnline: () => void
  /** The page goes away, for good or into the back/forward cache. */
  readonly onHide: () => void
  /** It comes back from there. */
  readonly onShowAgain: () => void
}

/** @returns a function that forgets the listeners. */
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
 * Asks before the page is closed, for as long as it is on. Off it has no listener: a page with one for
 * `beforeunload` is kept out of the back/forward cache.
 */
export class CloseWarning {
  #forget: (() => void) | null = null
  #hasEnded = false

  set(isOn: boolean): void {
    if (this.#hasEnded || isOn === (this.#forget !== null)) return
    this.#forget?.()
    this.#forget = isOn ? listen('beforeunload', ask) : null
  }

  /** Off, for good. */
  end(): void {
    this.set(false)
    this.#hasEnded = true
  }
}

function ask(event: Event): void {
  event.preventDefault()
  // What browsers took for the same before they heeded `preventDefault` (Chromium until 119).
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
