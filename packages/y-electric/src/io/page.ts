/** Events of the page, where there is one. */
import type { PlatformPage } from './platform.ts'

export interface PageListeners {
  /** The runtime says that the network is back. */
  readonly onOnline: () => void
  /** The page goes away, for good or into the back/forward cache. */
  readonly onHide: () => void
  /** It comes back from there. */
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
 * Asks before the page is closed, for as long as it is on. Off it has no listener: a page with one for
 * `beforeunload` is kept out of the back/forward cache.
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

function listen(
  { window }: PlatformPage,
  name: string,
  listener: (event: Event) => void,
): () => void {
  if (window === null) return () => {}
  window.addEventListener(name, listener)
  return () => window.removeEventListener(name, listener)
}
