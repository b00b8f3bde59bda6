import type { ContentGuard } from 'y-electric/tiptap'
import { useDocumentFact } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { useContentGuard, useGuardState } from '../editor/useContentGuard.ts'
import { ReadingContent } from '../reading/ReadingContent.tsx'
import { DocumentBar } from './DocumentBar.tsx'
import { DocumentStatus, StatusNotice } from './DocumentStatus.tsx'
import { EditorPage } from './EditorPage.tsx'
import { Main } from './Main.tsx'

interface GuardedPageProps {
  document: OpenDocument
  isReading: boolean
}

/** The document in an editor; for reading only, if the editor would damage it. */
export function GuardedPage({ document, isReading }: GuardedPageProps) {
  const isForbidden = useDocumentFact(document, 'isForbidden')
  const guard = useContentGuard(document.doc, !isReading && !isForbidden)
  return guard === null ? null : (
    <OpenPage document={document} isReading={isReading} guard={guard} />
  )
}

interface OpenPageProps extends GuardedPageProps {
  guard: ContentGuard
}

function OpenPage({ document, isReading, guard }: OpenPageProps) {
  const state = useGuardState(guard)
  const { foreign, error, edition } = state
  if (foreign.length === 0 && error === null) {
    return <EditorPage key={edition} document={document} isReading={isReading} guard={guard} />
  }
  return (
    <div className="document">
      <DocumentBar
        document={document}
        status={<DocumentStatus document={document} isReading={isReading} />}
      />
      <Main className="page" data-loaded={true} data-editable={false}>
        <StatusNotice document={document} isReading={isReading} />
        <ReadingContent document={document} stopped={state} />
      </Main>
    </div>
  )
}
