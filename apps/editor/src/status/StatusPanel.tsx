import { useDocumentFact } from '../collaboration/hooks.ts'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { Switch } from '../controls/Switch.tsx'
import type { Badge } from './badge.ts'

/** What the badge means, where the edits are, and the switch to be left alone by the network. */
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
  const words = hasUnsavedEdits ? 'not your latest edits' : saved ? 'all your edits' : 'unknown yet'
  return <Place name="In the database" isDone={saved} words={words} />
}

function OnDevice({ document }: { document: OpenDocument }) {
  const stored = useDocumentFact(document, 'stored')
  const hasFailed = useDocumentFact(document, 'hasStorageFailed')
  const words = stored
    ? 'all that you see'
    : hasFailed
      ? 'nothing: this browser keeps no data'
      : 'being written'
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
