import type { Editor } from '@tiptap/react'
import type { Restored } from '@y-electric/documents'
import type { SnapshotInfo } from '@y-electric/server'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { OpenDocument } from '../collaboration/OpenDocument.ts'
import { fetchSnapshots, restoreVersion } from '../inspector/api.ts'
import { KeepVersion } from '../inspector/KeepVersion.tsx'
import { Problem } from '../inspector/Problem.tsx'
import { useAction } from '../inspector/useAction.ts'
import { AuthorLegend } from './AuthorLegend.tsx'
import { HistoryEntry } from './HistoryEntry.tsx'
import { useAuthorship } from './useAuthorship.ts'
import { useComparison } from './useComparison.ts'

interface HistoryPanelProps {
  document: OpenDocument
  editor: Editor
  isEditable: boolean
}

/** How often the list is read again while the panel is open, in milliseconds. */
const LOOK_MS = 5_000

/** The versions of the document, newest first. The difference to one is shown in the text. */
export function HistoryPanel({ document, editor, isEditable }: HistoryPanelProps) {
  const { docId } = document
  const { versions, lookAgain } = useVersions(docId)
  const [since, setSince] = useState<SnapshotInfo | null>(null)
  const [onlyNamed, setOnlyNamed] = useState(false)
  const [restored, setRestored] = useState<Restored | null>(null)
  const { isBusy, problem, run } = useAction()
  const compared = useComparison(document, editor, since)
  const [isShaded, setShaded] = useState(false)
  const legend = useAuthorship(document, editor, isShaded)

  const restore = (seq: number, isUndo: boolean) =>
    run(async () => {
      const result = await restoreVersion(docId, seq, document.personName)
      await lookAgain()
      setSince(null)
      setRestored(isUndo ? null : result)
    })

  const shown = onlyNamed ? versions?.filter(({ label }) => label !== null) : versions
  return (
    <>
      {isEditable && <KeepVersion docId={docId} onKept={lookAgain} />}
      {problem !== null && <Problem error={problem} />}
      <div role="status">
        {restored !== null && (
          <p className="history-restored">
            <span>
              {restored.seq === null ? 'This already is the content.' : 'The version is restored.'}
            </span>
            {restored.kept !== null && restored.seq !== null && (
              <Undo onClick={() => restored.kept !== null && restore(restored.kept, true)} />
            )}
          </p>
        )}
        {compared !== null && <p className="panel-note">{compared}</p>}
      </div>
      <label className="history-filter">
        <input
          type="checkbox"
          checked={isShaded}
          onChange={({ target }) => setShaded(target.checked)}
        />
        Shade by author
      </label>
      {legend !== null && <AuthorLegend legend={legend} />}
      <label className="history-filter">
        <input
          type="checkbox"
          checked={onlyNamed}
          onChange={({ target }) => setOnlyNamed(target.checked)}
        />
        Only named versions
      </label>
      {shown === undefined && <p className="panel-note">Reading…</p>}
      {shown?.length === 0 && (
        <p className="panel-note">
          There are no versions yet. Keep one with a name; others are made while people write.
        </p>
      )}
      <ol className="history" data-testid="history">
        {shown?.map((version) => (
          <HistoryEntry
            key={version.seq}
            docId={docId}
            version={version}
            isShown={since?.seq === version.seq}
            mayRestore={isEditable && !isBusy}
            onShow={() => setSince(since?.seq === version.seq ? null : version)}
            onRestore={() => restore(version.seq, false)}
            onChanged={lookAgain}
          />
        ))}
      </ol>
    </>
  )
}

function Undo({ onClick }: { onClick: () => void }) {
  const button = useRef<HTMLButtonElement>(null)
  // The pressed button may have gone; without this the keyboard focus would return to the top.
  useEffect(() => button.current?.focus({ preventScroll: true }), [])
  return (
    <button ref={button} type="button" className="button-quiet" onClick={onClick}>
      Undo
    </button>
  )
}

/** The versions, newest first; undefined until they were read. */
function useVersions(docId: string) {
  const [versions, setVersions] = useState<readonly SnapshotInfo[] | undefined>(undefined)
  const lookAgain = useCallback(async () => {
    // Offline, the list stays as it is.
    const read = await fetchSnapshots(docId, new AbortController().signal).catch(() => null)
    if (read !== null) setVersions(read)
  }, [docId])
  useEffect(() => {
    void lookAgain()
    const timer = setInterval(lookAgain, LOOK_MS)
    return () => clearInterval(timer)
  }, [lookAgain])
  return { versions, lookAgain }
}
