import { EditorContent } from '@tiptap/react'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import type { ContentGuard } from 'y-electric/tiptap'
import type { AssistantBarProps } from '../assistant/AssistantBar.tsx'
import { useDocumentFact } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { newFurniture } from '../editor/extensions.ts'
import { LinkPanel } from '../editor/LinkPanel.tsx'
import { Uploading } from '../editor/pictures/Uploading.tsx'
import { SuggestionPopup } from '../editor/suggestions/SuggestionPopup.tsx'
import { Toolbar } from '../editor/Toolbar.tsx'
import { useDocumentEditor } from '../editor/useDocumentEditor.ts'
import { rememberWriters } from '../history/writers.ts'
import { Following } from '../people/Following.tsx'
import { DocumentBar } from './DocumentBar.tsx'
import { DocumentStatus, StatusNotice } from './DocumentStatus.tsx'
import { Main } from './Main.tsx'
import { PanelButtons } from './PanelButtons.tsx'
import { useInvitation } from './useInvitation.ts'
import { usePanel } from './usePanel.ts'
import { useTitle } from './useTitle.ts'

// Everything that opens over the text is loaded after the text is shown.
const FloatingMenus = lazy(async () => {
  const { FloatingMenus } = await import('../editor/menus/FloatingMenus.tsx')
  return { default: FloatingMenus }
})
const AssistantBar = lazy(async () => {
  // Every visitor loads it, so a page that cannot load it shows the text without it.
  const loaded = await import('../assistant/AssistantBar.tsx').catch(() => null)
  return { default: loaded?.AssistantBar ?? ((_props: AssistantBarProps) => null) }
})
const Panels = lazy(async () => {
  const { Panels } = await import('./Panels.tsx')
  return { default: Panels }
})

interface EditorPageProps {
  document: OpenDocument
  isReading: boolean
  guard: ContentGuard
}

export function EditorPage({ document, isReading, guard }: EditorPageProps) {
  const [isLinking, setLinking] = useState(false)
  const startLinking = useCallback(() => setLinking(true), [])
  const stopLinking = useCallback(() => setLinking(false), [])
  const [furniture] = useState(() =>
    newFurniture({
      docId: document.docId,
      whenSaved: () => document.provider.whenSaved(),
    }),
  )
  const panel = usePanel()
  const isForbidden = useDocumentFact(document, 'isForbidden')
  const loadedOnce = useDocumentFact(document, 'loadedOnce')
  const hasCopy = useDocumentFact(document, 'hasCopy')
  const isEditable = !isReading && !isForbidden
  const editor = useDocumentEditor(guard, document.awareness, {
    isEditable,
    furniture,
    onLink: startLinking,
  })
  useEffect(() => rememberWriters(document.docId, document.awareness), [document])
  useTitle(document.docId, editor, loadedOnce)
  useInvitation(editor, loadedOnce && isEditable)

  return (
    <div className="document">
      <DocumentBar
        document={document}
        status={<DocumentStatus document={document} isReading={isReading} />}
        buttons={<PanelButtons panel={panel} />}
      >
        {isEditable && <Toolbar editor={editor} onLink={startLinking} />}
      </DocumentBar>
      <div className="document-body">
        <Main
          className="page"
          data-loaded={loadedOnce}
          data-editable={isEditable}
          aria-busy={!loadedOnce && !hasCopy}
        >
          <StatusNotice document={document} isReading={isReading} />
          <EditorContent editor={editor} className="page-content" />
          {isLinking && isEditable && <LinkPanel editor={editor} onClose={stopLinking} />}
          <Uploading editor={editor} uploads={furniture.uploads} />
          <SuggestionPopup editor={editor} list={furniture.list} />
          {isEditable && (
            <Suspense fallback={null}>
              <FloatingMenus editor={editor} elements={furniture.elements} onLink={startLinking} />
            </Suspense>
          )}
        </Main>
        <Following awareness={document.awareness} />
        <Suspense fallback={null}>
          <AssistantBar document={document} editor={editor} isEditable={isEditable} />
        </Suspense>
        {panel.open !== null && (
          <Suspense fallback={null}>
            <Panels panel={panel} document={document} editor={editor} isEditable={isEditable} />
          </Suspense>
        )}
      </div>
    </div>
  )
}
