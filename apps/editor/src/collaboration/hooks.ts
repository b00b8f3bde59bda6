import { useEffect, useState, useSyncExternalStore } from 'react'
import type { DocumentState } from './DocumentState.ts'
import type { OpenDocument } from './OpenDocument.ts'
import { acquire, type Mode, release, subscribeToUnsaved, unsavedDocIds } from './openDocuments.ts'

/**
 * The document of a page; null until it is open. It is opened in an effect and not while rendering,
 * because React may render twice, and opening starts a stream.
 */
export function useDocument(docId: string, mode: Mode): OpenDocument | null {
  const [document, setDocument] = useState<OpenDocument | null>(null)
  useEffect(() => {
    const acquired = acquire(docId, mode)
    setDocument(acquired)
    return () => {
      setDocument(null)
      release(acquired)
    }
  }, [docId, mode])
  return document
}

/**
 * One fact of the document. Typing changes some facts at every keystroke: subscribe only to what is
 * shown.
 */
export function useDocumentFact<Name extends keyof DocumentState>(
  document: OpenDocument,
  name: Name,
): DocumentState[Name] {
  return useSyncExternalStore(document.subscribe, () => document.getState()[name])
}

export function useUnsavedDocIds(): readonly string[] {
  return useSyncExternalStore(subscribeToUnsaved, unsavedDocIds)
}
