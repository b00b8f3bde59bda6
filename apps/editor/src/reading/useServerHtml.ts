import { useEffect, useState } from 'react'
import type { Doc } from 'yjs'
import { ApiError, fetchText, mayPass } from '../inspector/api.ts'
import { oneAtATime } from '../inspector/timing.ts'
import { pictureInliner } from './storedPictures.ts'

/** Changes within this interval, in milliseconds, cause one request. */
const GATHER_MS = 300

/** How long to wait before another request to an unreachable server, in milliseconds. */
const RETRY_MS = 2_000

/**
 * The document as HTML from the server, updated when it changes; null while it is not available.
 */
export function useServerHtml(docId: string, doc: Doc): string | null {
  const [html, setHtml] = useState<string | null>(null)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const inline = pictureInliner()
    const askIn = (ms: number) => {
      clearTimeout(timer)
      timer = setTimeout(asking.ask, ms)
    }
    const asking = oneAtATime(async (signal) => {
      try {
        const fetched = await fetchText(docId, { format: 'html', signal })
        const shown = await inline(fetched, signal)
        if (!signal.aborted) setHtml(shown)
      } catch (error) {
        if (signal.aborted || !(error instanceof ApiError)) return
        // The previous HTML would be older than the content on this device.
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
