import { useEffect, useState, useSyncExternalStore } from 'react'
import { Inspection, type View } from './Inspection.ts'

/** Watches a document for as long as the page is there; null for the moment until it does. */
export function useInspection(docId: string): Inspection | null {
  const [inspection, setInspection] = useState<Inspection | null>(null)
  useEffect(() => {
    // Not while rendering: React renders twice where it likes, and this opens streams.
    const opened = new Inspection(docId)
    opened.open()
    setInspection(opened)
    return () => {
      setInspection(null)
      opened.close()
    }
  }, [docId])
  return inspection
}

export const useView = (inspection: Inspection): View =>
  useSyncExternalStore(inspection.subscribe, inspection.getView)
