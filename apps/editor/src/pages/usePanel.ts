import { useCallback, useEffect, useMemo, useState } from 'react'

export type PanelName = 'find' | 'outline' | 'history' | 'assistant' | 'shortcuts'

export interface Panel {
  readonly open: PanelName | null
  readonly toggle: (name: PanelName) => void
  readonly close: () => void
}

/** The panel that is open beside the text, and the keys that open one. */
export function usePanel(): Panel {
  const [open, setOpen] = useState<PanelName | null>(null)
  const toggle = useCallback(
    (name: PanelName) => setOpen((before) => (before === name ? null : name)),
    [],
  )
  const close = useCallback(() => setOpen(null), [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
      const name = event.key === 'f' ? 'find' : event.key === '/' ? 'shortcuts' : null
      if (!isCommand || name === null || event.defaultPrevented) return
      event.preventDefault()
      setOpen(name)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return useMemo(() => ({ open, toggle, close }), [open, toggle, close])
}
