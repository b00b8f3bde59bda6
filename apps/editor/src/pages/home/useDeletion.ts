import { useCallback, useEffect, useRef, useState } from 'react'
import { without } from '../../documents/deviceList.ts'
import { changeDeviceList } from '../../documents/deviceListStore.ts'
import { deleteDocument, ServerError } from '../../documents/serverApi.ts'
import type { Row } from '../../documents/serverList.ts'

/** How long a deletion can be undone, in milliseconds. After that the document is gone for good. */
const UNDO_MS = 8_000

/**
 * Deletes a document after a while in which that can be undone. Nothing is sent before, because the server
 * cannot bring a deleted document back. Leaving the list undoes it.
 */
export function useDeletion(onDeleted: () => Promise<void>) {
  const [row, setRow] = useState<Row | null>(null)
  const [problem, setProblem] = useState('')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const undo = useCallback(() => {
    clearTimeout(timer.current)
    setRow(null)
  }, [])
  useEffect(() => () => clearTimeout(timer.current), [])

  const finish = useCallback(
    async (deleted: Row) => {
      try {
        await deleteDocument(deleted.docId)
        changeDeviceList((list) => without(list, deleted.docId))
        await onDeleted()
      } catch (error) {
        const why = error instanceof ServerError ? error.message : String(error)
        setProblem(`“${deleted.title ?? deleted.docId}” is not deleted: ${why}`)
      }
      setRow((now) => (now?.docId === deleted.docId ? null : now))
    },
    [onDeleted],
  )

  const start = useCallback(
    (wanted: Row) => {
      setProblem('')
      clearTimeout(timer.current)
      // A deletion that waits is carried out when the next one starts.
      setRow((before) => {
        if (before !== null && before.docId !== wanted.docId) void finish(before)
        return wanted
      })
      timer.current = setTimeout(() => void finish(wanted), UNDO_MS)
    },
    [finish],
  )
  return { row, docId: row?.docId ?? null, problem, start, undo }
}
