/** Events of the page, where there is one. */
import type { PlatformPage } from './platform.ts'

export interface PageListeners {
  /** The runtime says that the network is back. */
  readonly onOnline: () => void
  /** The page is closed or enters the back/forward cache. */
  readonly onHide: () => void
  /** The page returns from the back/forward cache. */
  readonly onShowAgain: () => void
}

/** @returns a function that forgets the listeners. */
export function watchPage(
  page: PlatformPage,
  { onOnline, onHide, onShowAgain }: PageListeners,
): () => void {
  const forget = [
    listen(page, 'online', onOnline),
    listen(page, 'pagehide', onHide),
    listen(page, 'pageshow', (event) => {
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
  readonly #page: PlatformPage
  #forget: (() => void) | null = null
  #hasEnded = false

  constructor(page: PlatformPage) {
    this.#page = page
  }

  set(isOn: boolean): void {
    if (this.#hasEnded || isOn === (this.#forget !== null)) return
    this.#forget?.()
    this.#forget = isOn ? listen(this.#page, 'beforeunload', ask) : null
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

function listen(
  { window }: PlatformPage,
  name: string,
  listener: (event: Event) => void,
): () => void {
  if (window === null) return () => {}
  window.addEventListener(name, listener)
  return () => window.removeEventListener(name, listener)
}
