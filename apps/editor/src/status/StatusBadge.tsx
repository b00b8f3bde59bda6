import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { Popover } from '../controls/Popover.tsx'
import { Announcement } from './Announcement.tsx'
import type { Badge } from './badge.ts'
import { StatusPanel } from './StatusPanel.tsx'

/** The state of the document in a few words; a press shows the details. */
export function StatusBadge({ document, badge }: { document: OpenDocument; badge: Badge }) {
  return (
    <>
      <Popover
        label="Where your edits are"
        buttonClass="badge-button"
        align="start"
        button={
          <span className="badge" data-testid="badge" data-state={badge.tone} title={badge.detail}>
            <span className="badge-mark" aria-hidden="true" />
            <span className="badge-text">{badge.text}</span>
          </span>
        }
      >
        <StatusPanel document={document} badge={badge} />
      </Popover>
      <Announcement text={badge.text} isPassing={badge.tone === 'saving'} />
    </>
  )
}
