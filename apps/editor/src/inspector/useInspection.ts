import { useEffect, useState, useSyncExternalStore } from 'react'
import { Inspection, type View } from './Inspection.ts'

/** Watches a document while the page is mounted; null until the first effect has run. */
export function useInspection(docId: string): Inspection | null {
  const [inspection, setInspection] = useState<Inspection | null>(null)
  useEffect(() => {
    // Not while rendering: React may render twice, and this opens streams.
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
