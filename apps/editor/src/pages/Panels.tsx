import type { Editor } from '@tiptap/react'
import { lazy, type ReactNode, Suspense } from 'react'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { FindBar } from '../editor/find/FindBar.tsx'
import { icons } from '../editor/icons.tsx'
import { Outline } from '../editor/Outline.tsx'
import { shortcutInWords } from '../editor/shortcut.ts'
import type { Panel } from './usePanel.ts'

const Shortcuts = lazy(async () => {
  const { Shortcuts } = await import('../editor/Shortcuts.tsx')
  return { default: Shortcuts }
})
const HistoryPanel = lazy(async () => {
  const { HistoryPanel } = await import('../history/HistoryPanel.tsx')
  return { default: HistoryPanel }
})

const AssistantPanel = lazy(async () => {
  const { AssistantPanel } = await import('../assistant/AssistantPanel.tsx')
  return { default: AssistantPanel }
})

interface PanelsProps {
  panel: Panel
  document: OpenDocument
  editor: Editor
  isEditable: boolean
}

/** The panel that is open. */
export function Panels({ panel, document, editor, isEditable }: PanelsProps) {
  const close = () => {
    panel.close()
    editor.view.focus()
  }
  switch (panel.open) {
    case 'find':
      return <FindBar editor={editor} isEditable={isEditable} onClose={close} />
    case 'shortcuts':
      return (
        <Suspense fallback={null}>
          <Shortcuts onClose={close} />
        </Suspense>
      )
    case 'outline':
      return (
        <Aside title="Outline" onClose={close}>
          <Outline editor={editor} />
          <p className="panel-foot">
            <button
              type="button"
              className="button-quiet"
              onClick={() => panel.toggle('shortcuts')}
            >
              Keyboard shortcuts ({shortcutInWords('Mod-/')})
            </button>
          </p>
        </Aside>
      )
    case 'history':
      return (
        <Aside title="History" onClose={close}>
          <Suspense fallback={null}>
            <HistoryPanel document={document} editor={editor} isEditable={isEditable} />
          </Suspense>
        </Aside>
      )
    case 'assistant':
      return (
        <Aside title="Assistant" onClose={close}>
          <Suspense fallback={null}>
            <AssistantPanel document={document} editor={editor} isEditable={isEditable} />
          </Suspense>
        </Aside>
      )
    default:
      return null
  }
}

interface AsideProps {
  title: string
  onClose: () => void
  children: ReactNode
}

function Aside({ title, onClose, children }: AsideProps) {
  return (
    <aside
      className="panel"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <header className="panel-head">
        <h2>{title}</h2>
        <button type="button" className="tool" aria-label={`Close ${title}`} onClick={onClose}>
          {icons.close}
        </button>
      </header>
      <div className="panel-body">{children}</div>
    </aside>
  )
}
