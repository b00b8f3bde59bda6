import { useEffect, useMemo, useState } from 'react'
import { isSummarised, summaryOf } from './changeSummary.ts'
import type { LogRow } from './log.ts'

/** The most rows that are read at once when the page is drawn. */
const FEW = 200
/** How long the page is blocked at most before it may draw again, in milliseconds. */
const SLICE_MS = 8

/**
 * Reads the changes of all rows. A few are read when they are needed. Many are read in slices, between which the page
 * can draw and handle input.
 * @returns whether at most a few are left
 */
export function useSummaries(rows: readonly LogRow[]): boolean {
  const [, setReadings] = useState(0)
  const unread = useMemo(() => rows.filter(({ data }) => !isSummarised(data)), [rows])
  const isMany = unread.length > FEW

  useEffect(() => {
    if (!isMany) return
    let next = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const readSome = () => {
      const end = performance.now() + SLICE_MS
      for (; next < unread.length && performance.now() < end; next++) {
        const row = unread[next]
        if (row !== undefined) summaryOf(row.data)
      }
      if (next < unread.length) timer = setTimeout(readSome)
      else setReadings((count) => count + 1)
    }
    readSome()
    return () => clearTimeout(timer)
  }, [unread, isMany])

  return !isMany || unread.every(({ data }) => isSummarised(data))
}
