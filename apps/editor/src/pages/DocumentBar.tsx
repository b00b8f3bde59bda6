import type { ReactNode } from 'react'
import { useDocumentFact } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { WhoIsHere } from '../people/WhoIsHere.tsx'
import { Anchor } from '../routing/Anchor.tsx'
import { homePath } from '../routing/route.ts'
import { Share } from '../sharing/Share.tsx'

interface DocumentBarProps {
  document: OpenDocument
  status: ReactNode
  /** The buttons of this page, before the people. */
  buttons?: ReactNode
  children?: ReactNode
}

/** The link back to the list and the status; the tools; the people present and the sharing menu. */
export function DocumentBar({ document, status, buttons, children }: DocumentBarProps) {
  const connection = useDocumentFact(document, 'status')
  return (
    <header className="bar">
      <div className="bar-start">
        <Anchor
          className="bar-button"
          to={homePath}
          aria-label="Your documents"
          title="Your documents"
        >
          <svg viewBox="0 0 20 20" className="icon" aria-hidden="true">
            <path d="M12 4.5L6.5 10l5.5 5.5" />
          </svg>
          <span className="bar-button-text">Documents</span>
        </Anchor>
        {status}
      </div>
      {children}
      <div className="bar-end">
        {buttons}
        <WhoIsHere
          awareness={document.awareness}
          isAlone={connection === 'offline' || connection === 'closed'}
        />
        <Share docId={document.docId} />
      </div>
    </header>
  )
}
