import { useMemo, useSyncExternalStore } from 'react'
import type { Awareness } from 'y-protocols/awareness'
import { type Present, peopleIn } from './people.ts'

/** The people present. Cursor moves return the same list, so that they cause no rendering. */
export function usePeople(awareness: Awareness): readonly Present[] {
  const watch = useMemo(() => watchPeople(awareness), [awareness])
  return useSyncExternalStore(watch.subscribe, watch.current)
}

function watchPeople(awareness: Awareness) {
  const look = () => peopleIn(awareness.getStates(), awareness.clientID)
  let people: readonly Present[] = look()
  const hasChanged = (): boolean => {
    const now = look()
    if (JSON.stringify(now) === JSON.stringify(people)) return false
    people = now
    return true
  }
  return {
    current: () => people,
    subscribe(listener: () => void): () => void {
      const onChange = () => {
        if (hasChanged()) listener()
      }
      onChange()
      awareness.on('change', onChange)
      return () => awareness.off('change', onChange)
    },
  }
}
