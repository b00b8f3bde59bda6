import { useEffect, useMemo, useState } from 'react'
import { useDocumentState } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { type Badge, badge } from './badge.ts'

const CALM_MS = 500

/**
 * The badge to show. Good news may come late but never early: after "Saving…" the word "Saved"
 * waits for a pause, because a server that answers in milliseconds would make the badge flicker
 * with every key, and a screen reader talk without end.
 */
export function useBadge(document: OpenDocument): Badge {
  const state = useDocumentState(document)
  const { tone, text, detail } = badge(state)
  const actual = useMemo(() => ({ tone, text, detail }), [tone, text, detail])
  const [shown, setShown] = useState(actual)

  useEffect(() => {
    const settle = () => setShown(actual)
    if (actual.tone !== 'saved') return settle()
    const timer = setTimeout(settle, CALM_MS)
    return () => clearTimeout(timer)
  }, [actual])

  return actual.tone === 'saved' && shown.tone === 'saving' ? shown : actual
}
