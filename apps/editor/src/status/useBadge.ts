import { useEffect, useState } from 'react'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { type Badge, badge } from './badge.ts'

const CALM_MS = 500

/**
 * The badge to show. Good news may be late but never early: after "Saving…" the word "Saved" waits
 * for a pause, because with a fast server the badge would flicker at every key, and a screen reader
 * would talk constantly. Renders only when the text changes.
 */
export function useBadge(document: OpenDocument, isReading: boolean): Badge {
  const [shown, setShown] = useState(() => badge({ ...document.getState(), isReading }))

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let current: Badge | null = null
    const show = (next: Badge) => {
      current = next
      setShown(next)
    }
    const look = () => {
      const next = badge({ ...document.getState(), isReading })
      clearTimeout(timer)
      if (current !== null && isSame(next, current)) return
      if (current !== null && mayComeLate(current, next)) {
        timer = setTimeout(() => show(next), CALM_MS)
      } else show(next)
    }
    look()
    const unsubscribe = document.subscribe(look)
    return () => {
      clearTimeout(timer)
      unsubscribe()
    }
  }, [document, isReading])

  return shown
}

/**
 * True for good news on the same subject: an edit was saved or stored, and the next may follow
 * soon.
 */
function mayComeLate(shown: Badge, next: Badge): boolean {
  return next.isCalm && !shown.isCalm && (shown.tone === 'saving' || shown.tone === next.tone)
}

function isSame(one: Badge, other: Badge): boolean {
  return one.tone === other.tone && one.text === other.text && one.detail === other.detail
}
