import { useSyncExternalStore } from 'react'
import type { Present } from './people.ts'

/** The person whose caret this page keeps in view; null if none. */
let followed: Present | null = null
const listeners = new Set<() => void>()

export function follow(person: Present | null): void {
  if (followed?.id === person?.id) return
  followed = person
  for (const listener of [...listeners]) listener()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useFollowed = (): Present | null => useSyncExternalStore(subscribe, () => followed)
