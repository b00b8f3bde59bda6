import { useEffect } from 'react'

/**
 * Tells the style sheet how much of the window a phone's keyboard covers, as `--keyboard`. Browsers that make the
 * window smaller instead cover nothing.
 */
export function useKeyboardHeight(): void {
  useEffect(() => {
    const { visualViewport: seen, document } = window
    if (seen === null) return
    const { style } = document.documentElement
    const measure = () => {
      // A zoomed page is also smaller, without a keyboard.
      const covered = seen.scale > 1 ? 0 : window.innerHeight - seen.height - seen.offsetTop
      style.setProperty('--keyboard', `${Math.max(0, Math.round(covered))}px`)
    }
    measure()
    seen.addEventListener('resize', measure)
    seen.addEventListener('scroll', measure)
    return () => {
      seen.removeEventListener('resize', measure)
      seen.removeEventListener('scroll', measure)
      style.removeProperty('--keyboard')
    }
  }, [])
}
