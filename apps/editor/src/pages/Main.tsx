import { type ComponentProps, useEffect, useRef } from 'react'
import { hasNavigated } from '../routing/navigation.ts'

/**
 * The main part of a page. One that was reached without a load takes the focus, as a loaded one
 * would; otherwise a screen reader stays where the page before it was.
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
