import { Popover } from '../controls/Popover.tsx'
import { Anchor } from '../routing/Anchor.tsx'
import { documentPath, inspectorPath } from '../routing/route.ts'
import { CopyField } from './CopyField.tsx'
import { Downloads } from './Downloads.tsx'

export function Share({ docId }: { docId: string }) {
  const { origin } = window.location
  return (
    <Popover
      label="Share this document"
      buttonLabel="Share"
      buttonClass="bar-button"
      button={
        <>
          <svg viewBox="0 0 20 20" className="icon" aria-hidden="true">
            <path d="M10 12.5V3.75M6.75 6.5L10 3.25l3.25 3.25M5 10v5.25a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V10" />
          </svg>
          <span className="bar-button-text">Share</span>
        </>
      }
    >
      <CopyField
        label="Link to write"
        note="Opens this page, for writing together."
        text={origin + documentPath(docId)}
      />
      <CopyField
        label="Link to read"
        note="Opens the text alone, always up to date."
        text={origin + documentPath(docId, 'view')}
      />
      <Downloads docId={docId} />
      <p className="popover-note popover-foot">
        Readers can find the other link. The server decides what each person may do.
      </p>
      <Anchor className="button-quiet share-inside" to={inspectorPath(docId)}>
        Look inside: rows, sizes, versions
      </Anchor>
    </Popover>
  )
}
