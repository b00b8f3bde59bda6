import { type ComponentProps, useEffect, useRef } from 'react'
import { hasNavigated } from '../routing/navigation.ts'

/**
 * The main part of a page. After a navigation without a load it takes the focus, as a loaded page
 * would; otherwise a screen reader would stay at the previous page's position.
 */
export function Main(props: Omit<ComponentProps<'main'>, 'ref' | 'tabIndex'>) {
  const main = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!hasNavigated()) return
    window.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [])
  return <main {...props} ref={main} tabIndex={-1} />
}
