/** Events of the page, where there is one. Each function returns another that forgets its listeners. */

/** Calls `listener` when the runtime says that the network is back. */
export const onOnline = (listener: () => void): (() => void) => listen('online', listener)

/**
 * Calls `onHide` when the page goes away, for good or into the back/forward cache, and `onShowAgain`
 * when it comes back from there.
 */
export function onPageHide(listeners: { onHide: () => void; onShowAgain: () => void }): () => void {
  const forgetHide = listen('pagehide', listeners.onHide)
  const forgetShow = listen('pageshow', (event) => {
    if ('persisted' in event && event.persisted === true) listeners.onShowAgain()
  })
  return () => {
    forgetHide()
    forgetShow()
  }
}

function listen(name: string, listener: (event: Event) => void): () => void {
  const { addEventListener, removeEventListener } = globalThis as Partial<typeof globalThis>
  if (typeof addEventListener !== 'function' || typeof removeEventListener !== 'function') {
    return () => {}
  }
  globalThis.addEventListener(name, listener)
  return () => globalThis.removeEventListener(name, listener)
}
