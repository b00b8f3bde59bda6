import { Anchor } from '../routing/Anchor.tsx'
import { documentPath, homePath } from '../routing/route.ts'
import { Announcement } from '../status/Announcement.tsx'
import type { Contact } from './Inspection.ts'

const WORDS: Record<Contact, { tone: string; text: string; detail: string }> = {
  opening: { tone: 'loading', text: 'Opening…', detail: 'Reading the stored rows.' },
  live: {
    tone: 'saved',
    text: 'Live',
    detail: 'Changes are shown here as soon as they are committed.',
  },
  offline: {
    tone: 'offline',
    text: 'Offline: showing what was last read',
    detail: 'The server does not respond. This page continues as soon as it responds.',
  },
  refused: { tone: 'refused', text: 'Refused', detail: 'The server does not show this document.' },
}

export function InspectorBar({ docId, contact }: { docId: string; contact: Contact }) {
  const { tone, text, detail } = WORDS[contact]
  return (
    <header className="bar inspector-bar">
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
        <span className="badge" data-testid="contact" data-state={tone} title={detail}>
          <span className="badge-mark" aria-hidden="true" />
          <span className="badge-text">{text}</span>
        </span>
        <Announcement text={text} isPassing={contact === 'opening'} />
      </div>
      <div className="bar-end">
        <Anchor className="button-quiet" to={documentPath(docId)}>
          Open the document
        </Anchor>
      </div>
    </header>
  )
}
