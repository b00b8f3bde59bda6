import { lazy, Suspense, useEffect } from 'react'
import { useDocument } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import type { Mode } from '../collaboration/openDocuments.ts'
import { withOpened } from '../documents/deviceList.ts'
import { changeDeviceList } from '../documents/deviceListStore.ts'
import { DocumentBar } from './DocumentBar.tsx'
import { DocumentStatus } from './DocumentStatus.tsx'
import { Main } from './Main.tsx'

// The editor is the largest part of the app. The page shows the status while it loads.
const GuardedPage = lazy(async () => {
  const { GuardedPage } = await import('./GuardedPage.tsx')
  return { default: GuardedPage }
})

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
  const isReading = mode === 'view'
  // Nothing is drawn in the one frame before it is open, because its state is not known yet.
  return document === null ? null : (
    <Suspense fallback={<LoadingPage document={document} isReading={isReading} />}>
      <GuardedPage key={document.docId} document={document} isReading={isReading} />
    </Suspense>
  )
}

interface LoadingPageProps {
  document: OpenDocument
  isReading: boolean
}

function LoadingPage({ document, isReading }: LoadingPageProps) {
  return (
    <div className="document">
      <DocumentBar
        document={document}
        status={<DocumentStatus document={document} isReading={isReading} />}
      >
        {!isReading && <div className="toolbar-frame toolbar-loading" />}
      </DocumentBar>
      <Main className="page" data-loaded={false} aria-busy={true} />
    </div>
  )
}
