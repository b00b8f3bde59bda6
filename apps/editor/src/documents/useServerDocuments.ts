import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { DeviceList } from './deviceList.ts'
import { fetchDocuments, fetchPlainText, ServerError } from './serverApi.ts'
import { type Row, rowsOf, titleInText, withoutTitle } from './serverList.ts'
import type { DocumentList } from './serverTypes.ts'

/** How often the list is read again while the page is visible, in milliseconds. */
const LOOK_MS = 5_000
/** The most documents that are listed; more are for a page with a search of its own. */
const MOST_LISTED = 20_000
/** How many documents are read at a time to learn their titles. */
const TITLES_AT_ONCE = 4

export interface ServerDocuments {
  /** Null until the list was read. */
  readonly rows: readonly Row[] | null
  /** The reason why the list cannot be read; null if it can. */
  readonly problem: ServerError | null
  readonly isCut: boolean
  readonly lookAgain: () => Promise<void>
  /** Reads the titles of these rows, as far as they are not known. */
  readonly learnTitles: (wanted: readonly Row[], signal: AbortSignal) => Promise<void>
}

/** All documents of the server, read again as long as the page is shown. */
export function useServerDocuments(device: DeviceList): ServerDocuments {
  const [list, setList] = useState<DocumentList['documents'] | null>(null)
  const [problem, setProblem] = useState<ServerError | null>(null)
  const [isCut, setCut] = useState(false)
  const [titles, setTitles] = useState(
    () => new Map<string, { title: string; changedAt: number }>(),
  )
  const known = useRef(titles)
  known.current = titles

  const lookAgain = useCallback(async () => {
    try {
      const all: DocumentList['documents'][number][] = []
      let after: string | null = null
      do {
        const page: DocumentList = await fetchDocuments(after)
        all.push(...page.documents)
        after = page.next
      } while (after !== null && all.length < MOST_LISTED)
      setCut(after !== null)
      setProblem(null)
      setList((before) => (JSON.stringify(before) === JSON.stringify(all) ? before : all))
    } catch (error) {
      setProblem(
        error instanceof ServerError ? error : new ServerError('bad_response', String(error)),
      )
    }
  }, [])

  useEffect(() => {
    void lookAgain()
    const look = () => {
      if (window.document.visibilityState === 'visible') void lookAgain()
    }
    const timer = setInterval(look, LOOK_MS)
    window.document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      window.document.removeEventListener('visibilitychange', look)
    }
  }, [lookAgain])

  const rows = useMemo(() => {
    if (list === null) return null
    const onDevice = new Map(device.map(({ docId, title }) => [docId, title]))
    return rowsOf(list, titles).map((row) =>
      row.title === null ? { ...row, title: onDevice.get(row.docId) ?? null } : row,
    )
  }, [list, titles, device])

  const learnTitles = useCallback(async (wanted: readonly Row[], signal: AbortSignal) => {
    const queue = [...withoutTitle(wanted, known.current)]
    const worker = async () => {
      for (let row = queue.shift(); row !== undefined && !signal.aborted; row = queue.shift()) {
        const { docId, changedAt } = row
        const text = await fetchPlainText(docId, signal).catch(() => null)
        if (signal.aborted) return
        // A document of another kind has no text; its id stands for it.
        const title = text === null ? docId : titleInText(text)
        setTitles((before) => new Map(before).set(docId, { title, changedAt }))
      }
    }
    await Promise.all(Array.from({ length: TITLES_AT_ONCE }, worker))
  }, [])

  return { rows, problem, isCut, lookAgain, learnTitles }
}
