import { useEffect, useState, useSyncExternalStore } from 'react'
import type { DocumentState, OpenDocument } from './OpenDocument.ts'
import { acquire, release, subscribeToUnsaved, unsavedDocIds } from './openDocuments.ts'

/**
 * The document of a page; null until it is open. It is opened in an effect and not while
 * rendering, because React renders twice where it likes, and opening starts a stream.
 */
export function useDocument(docId: string): OpenDocument | null {
  const [document, setDocument] = useState<OpenDocument | null>(null)
  useEffect(() => {
    const acquired = acquire(docId)
    setDocument(acquired)
    return () => {
      setDocument(null)
      release(acquired)
    }
  }, [docId])
  return document
}

export function useDocumentState(document: OpenDocument): DocumentState {
  return useSyncExternalStore(document.subscribe, document.getState)
}

export function useUnsavedDocIds(): readonly string[] {
  return useSyncExternalStore(subscribeToUnsaved, unsavedDocIds)
}
