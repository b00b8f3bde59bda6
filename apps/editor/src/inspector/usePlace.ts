import { useCallback, useEffect, useState } from 'react'
import { type Place, placeOf, searchOf } from './filter.ts'

/** How long after a change the address says it, in milliseconds. Browsers allow only a few changes per second. */
const PAUSE_MS = 200

/** The place that the page shows. The address says it, so that a link shows the same. */
export function usePlace(): readonly [Place, (change: Partial<Place>) => void] {
  const [place, setPlace] = useState(() => placeOf(window.location.search))

  useEffect(() => {
    const read = () => setPlace(placeOf(window.location.search))
    window.addEventListener('popstate', read)
    return () => window.removeEventListener('popstate', read)
  }, [])

  useEffect(() => {
    const timer = setTimeout(() => {
      const { pathname, search } = window.location
      const next = searchOf(place)
      if (next !== search) window.history.replaceState(null, '', pathname + next)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [place])

  const change = useCallback(
    (changes: Partial<Place>) => setPlace((before) => ({ ...before, ...changes })),
    [],
  )
  return [place, change]
}
