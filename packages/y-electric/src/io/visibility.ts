/** False in a hidden page; true where there is no page. */
export const isPageVisible = (): boolean =>
  typeof document === 'undefined' || document.visibilityState === 'visible'

/**
 * Calls `listener` when the page is hidden or shown again.
 * @returns a function that removes it
 */
export function onVisibilityChange(listener: () => void): () => void {
  if (typeof document === 'undefined') return () => {}
  const page = document
  page.addEventListener('visibilitychange', listener)
  return () => page.removeEventListener('visibilitychange', listener)
}
