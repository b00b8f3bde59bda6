import { useDocumentFact } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { Switch } from '../controls/Switch.tsx'
import { momentInWords } from '../documents/when.ts'
import type { Badge } from './badge.ts'

/** Explains the badge, shows where the edits are, and has the switch for working offline. */
export function StatusPanel({ document, badge }: { document: OpenDocument; badge: Badge }) {
  const isOff = useDocumentFact(document, 'isOffByChoice')
  return (
    <>
      <p className="status-detail">{badge.detail}</p>
      <dl className="places">
        <InDatabase document={document} />
        <OnDevice document={document} />
      </dl>
      <Switch
        label="Work offline"
        note="Sends and fetches nothing until you switch it off."
        isOn={isOff}
        onChange={(on) => (on ? document.goOffline() : document.goOnline())}
      />
    </>
  )
}

function InDatabase({ document }: { document: OpenDocument }) {
  const hasUnsavedEdits = useDocumentFact(document, 'hasUnsavedEdits')
  const saved = useDocumentFact(document, 'saved')
  const unsavedSince = useDocumentFact(document, 'unsavedSince')
  const lastSavedAt = useDocumentFact(document, 'lastSavedAt')
  const words = hasUnsavedEdits
    ? `not your edits${at(' since', unsavedSince)}`
    : saved
      ? `all your edits${at(', the last at', lastSavedAt)}`
      : 'unknown yet'
  return <Place name="In the database" isDone={saved} words={words} />
}

const at = (words: string, moment: number | null): string =>
  moment === null ? '' : `${words} ${momentInWords(moment, Date.now())}`

function OnDevice({ document }: { document: OpenDocument }) {
  const stored = useDocumentFact(document, 'stored')
  const hasFailed = useDocumentFact(document, 'hasStorageFailed')
  const words = stored
    ? 'everything that you see'
    : hasFailed
      ? 'nothing: this browser cannot store data'
      : 'being stored'
  return <Place name="On this device" isDone={stored} words={words} />
}

function Place({ name, isDone, words }: { name: string; isDone: boolean; words: string }) {
  return (
    <div className="place" data-done={isDone}>
      <dt>{name}</dt>
      <dd>{words}</dd>
    </div>
  )
}
