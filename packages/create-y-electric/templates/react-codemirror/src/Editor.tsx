import { useEffect, useRef } from 'react'
import type { DocumentHandle } from 'y-electric/react'
import { openEditor } from './openEditor'

export function Editor({ document }: { document: DocumentHandle }) {
  const parent = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (parent.current === null) return
    const view = openEditor(parent.current, document.doc, document.awareness)
    return () => view.destroy()
  }, [document])
  return <div ref={parent} />
}
