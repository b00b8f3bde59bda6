import { useEffect, useState } from 'react'
import type { Doc } from 'yjs'
import { ApiError, fetchText, mayPass } from '../inspector/api.ts'
import { oneAtATime } from '../inspector/timing.ts'

/** Changes that come close together are fetched as one, in milliseconds. */
const GATHER_MS = 300

/** A server that is away is asked again after so long, in milliseconds. */
const RETRY_MS = 2_000

/** The document as the server writes it in HTML, again when it changes; null while it cannot be had. */
export function useServerHtml(docId: string, doc: Doc): string | null {
  const [html, setHtml] = useState<string | null>(null)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const askIn = (ms: number) => {
      clearTimeout(timer)
      timer = setTimeout(asking.ask, ms)
    }
    const asking = oneAtATime(async (signal) => {
      try {
        const fetched = await fetchText(docId, { format: 'html', signal })
        if (!signal.aborted) setHtml(fetched)
      } catch (error) {
        if (signal.aborted || !(error instanceof ApiError)) return
        // What was read before would be older than what this device knows.
        setHtml(null)
        if (mayPass(error)) askIn(RETRY_MS)
      }
    })
    const askSoon = () => askIn(GATHER_MS)
    asking.ask()
    doc.on('update', askSoon)
    return () => {
      doc.off('update', askSoon)
      clearTimeout(timer)
      asking.end()
    }
  }, [docId, doc])
  return html
}
