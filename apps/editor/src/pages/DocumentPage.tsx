import { EditorContent } from '@tiptap/react'
import { useCallback, useEffect, useState } from 'react'
import type { ContentGuard } from 'y-electric/tiptap'
import { useDocument, useDocumentFact } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import type { Mode } from '../collaboration/openDocuments.ts'
import { withOpened } from '../documents/deviceList.ts'
import { changeDeviceList } from '../documents/deviceListStore.ts'
import { LinkPanel } from '../editor/LinkPanel.tsx'
import { Toolbar } from '../editor/Toolbar.tsx'
import { useContentGuard, useGuardState } from '../editor/useContentGuard.ts'
import { useDocumentEditor } from '../editor/useDocumentEditor.ts'
import { ReadingContent } from '../reading/ReadingContent.tsx'
import { Notice } from '../status/Notice.tsx'
import { StatusBadge } from '../status/StatusBadge.tsx'
import { useBadge } from '../status/useBadge.ts'
import { DocumentBar } from './DocumentBar.tsx'
import { Main } from './Main.tsx'
import { useInvitation } from './useInvitation.ts'
import { useTitle } from './useTitle.ts'

interface DocumentPageProps {
  docId: string
  mode: Mode
}

export function DocumentPage({ docId, mode }: DocumentPageProps) {
  const document = useDocument(docId, mode)
  // The list contains documents opened to write; a link to read does not add one.
  useEffect(() => {
    if (mode === 'write') changeDeviceList((list) => withOpened(list, docId, Date.now()))
  }, [docId, mode])
  // Nothing is drawn in the one frame before it is open, because its state is not known yet.
  return document === null ? null : (
    <OpenPage key={document.docId} document={document} isReading={mode === 'view'} />
  )
}

interface OpenPageProps {
  document: OpenDocument
  isReading: boolean
}

function OpenPage({ document, isReading }: OpenPageProps) {
  const isForbidden = useDocumentFact(document, 'isForbidden')
  const guard = useContentGuard(document.doc, !isReading && !isForbidden)
  return guard === null ? null : (
    <GuardedPage document={document} isReading={isReading} guard={guard} />
  )
}

interface GuardedPageProps extends OpenPageProps {
  guard: ContentGuard
}

function GuardedPage({ document, isReading, guard }: GuardedPageProps) {
  const state = useGuardState(guard)
  const { foreign, error, edition } = state
  if (foreign.length === 0 && error === null) {
    return <EditorPage key={edition} document={document} isReading={isReading} guard={guard} />
  }
  return (
    <div className="document">
      <DocumentBar
        document={document}
        status={<Status document={document} isReading={isReading} />}
      />
      <Main className="page" data-loaded={true} data-editable={false}>
        <StatusNotice document={document} isReading={isReading} />
        <ReadingContent document={document} stopped={state} />
      </Main>
    </div>
  )
}

function EditorPage({ document, isReading, guard }: GuardedPageProps) {
  const [isLinking, setLinking] = useState(false)
  const startLinking = useCallback(() => setLinking(true), [])
  const stopLinking = useCallback(() => setLinking(false), [])
  const isForbidden = useDocumentFact(document, 'isForbidden')
  const loadedOnce = useDocumentFact(document, 'loadedOnce')
  const hasCopy = useDocumentFact(document, 'hasCopy')
  const isEditable = !isReading && !isForbidden
  const editor = useDocumentEditor(guard, document.awareness, {
    isEditable,
    onLink: startLinking,
  })
  useTitle(document.docId, editor, loadedOnce)
  useInvitation(editor, loadedOnce && isEditable)

  return (
    <div className="document">
      <DocumentBar
        document={document}
        status={<Status document={document} isReading={isReading} />}
      >
        {isEditable && <Toolbar editor={editor} onLink={startLinking} />}
      </DocumentBar>
      <Main
        className="page"
        data-loaded={loadedOnce}
        data-editable={isEditable}
        aria-busy={!loadedOnce && !hasCopy}
      >
        <StatusNotice document={document} isReading={isReading} />
        <EditorContent editor={editor} className="page-content" />
        {isLinking && isEditable && <LinkPanel editor={editor} onClose={stopLinking} />}
      </Main>
    </div>
  )
}

// Each has its own badge: it changes while a person types, and nothing else should render again.
function Status({ document, isReading }: OpenPageProps) {
  return <StatusBadge document={document} badge={useBadge(document, isReading)} />
}

function StatusNotice({ document, isReading }: OpenPageProps) {
  const badge = useBadge(document, isReading)
  const isOffByChoice = useDocumentFact(document, 'isOffByChoice')
  return <Notice badge={badge} isOffByChoice={isOffByChoice} onRetry={document.goOnline} />
}
