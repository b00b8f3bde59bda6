import { useEffect, useState, useSyncExternalStore } from 'react'
import { ContentGuard, type GuardState } from 'y-electric/tiptap'
import type { Doc } from 'yjs'
import { schemaWith } from './content.ts'

/** The guard of a document; null until it exists. No editor may be bound before. */
export function useContentGuard(doc: Doc, mayTidy: boolean): ContentGuard | null {
  const [guard, setGuard] = useState<ContentGuard | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect below updates mayTidy.
  useEffect(() => {
    const fragment = doc.getXmlFragment('default')
    const opened = new ContentGuard(fragment, { schema: schemaWith, mayTidy })
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
