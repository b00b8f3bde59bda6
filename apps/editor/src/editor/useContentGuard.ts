import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Doc } from 'yjs'
import { ContentGuard, type GuardState } from './ContentGuard.ts'

/** The guard of a document; null until it stands: nothing may be bound before. */
export function useContentGuard(doc: Doc, mayTidy: boolean): ContentGuard | null {
  const [guard, setGuard] = useState<ContentGuard | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect below tells it the rest.
  useEffect(() => {
    const opened = new ContentGuard(doc, mayTidy)
    setGuard(opened)
    return () => {
      setGuard(null)
      opened.close()
    }
  }, [doc])
  useEffect(() => guard?.setMayTidy(mayTidy), [guard, mayTidy])
  return guard
}

export const useGuardState = (guard: ContentGuard): GuardState =>
  useSyncExternalStore(guard.subscribe, guard.getState)
