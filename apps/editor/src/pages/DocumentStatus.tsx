import { useDocumentFact } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { Notice } from '../status/Notice.tsx'
import { StatusBadge } from '../status/StatusBadge.tsx'
import { useBadge } from '../status/useBadge.ts'

interface StatusProps {
  document: OpenDocument
  isReading: boolean
}

// Each has its own badge: it changes while a person types, and nothing else should render again.
export function DocumentStatus({ document, isReading }: StatusProps) {
  return <StatusBadge document={document} badge={useBadge(document, isReading)} />
}

export function StatusNotice({ document, isReading }: StatusProps) {
  const badge = useBadge(document, isReading)
  const isOffByChoice = useDocumentFact(document, 'isOffByChoice')
  return <Notice badge={badge} isOffByChoice={isOffByChoice} onRetry={document.goOnline} />
}
