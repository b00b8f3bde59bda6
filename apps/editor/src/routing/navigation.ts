import { useMemo, useSyncExternalStore } from 'react'
import { type Route, routeOf } from './route.ts'

// pushState fires no event, so navigation by this app dispatches its own.
const NAVIGATED = 'y-electric:navigated'

let navigated = false

export function navigate(path: string): void {
  window.history.pushState(null, '', path)
  window.dispatchEvent(new Event(NAVIGATED))
}

/** True once the shown page is not the one that the browser loaded. */
export function hasNavigated(): boolean {
  return navigated
}

export function useRoute(): Route {
  const pathname = useSyncExternalStore(subscribe, () => window.location.pathname)
  const search = useSyncExternalStore(subscribe, () => window.location.search)
  return useMemo(() => routeOf(pathname, search), [pathname, search])
}

function subscribe(listener: () => void): () => void {
  const arrive = () => {
    navigated = true
    listener()
  }
  window.addEventListener('popstate', arrive)
  window.addEventListener(NAVIGATED, arrive)
  return () => {
    window.removeEventListener('popstate', arrive)
    window.removeEventListener(NAVIGATED, arrive)
  }
}
