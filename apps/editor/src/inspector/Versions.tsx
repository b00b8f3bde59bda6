import type { Restored } from '@y-electric/documents'
import { useState } from 'react'
import { snapshotsPath } from 'y-electric/protocol'
import type { Inspection, View } from './Inspection.ts'
import { KeepVersion } from './KeepVersion.tsx'
import { Section } from './Section.tsx'
import { Version } from './Version.tsx'

/** The snapshot rows as versions that can be restored. */
export function Versions({ inspection, view }: { inspection: Inspection; view: View }) {
  const { docId, lookAgain } = inspection
  const [restored, setRestored] = useState<Restored | null>(null)
  const keptOfBefore = view.snapshots.find(({ seq }) => seq === restored?.kept)
  return (
    <Section
      title="Versions"
      about="Every snapshot row is a version. Named versions are kept; the others are deleted after some time. Restoring a version writes a new edit: nothing is removed from the history, and the current content is kept as a version first."
      source={snapshotsPath(docId)}
      isReadable
    >
      <KeepVersion docId={docId} onKept={lookAgain} />
      <div role="status">
        {restored !== null && (
          <p className="version-restored">
            {restored.seq === null
              ? 'The document already has the content of that version, so nothing was written.'
              : `Restored as row ${restored.seq}. The previous content is kept as “${keptOfBefore?.label ?? 'a version'}”.`}
          </p>
        )}
      </div>
      {view.snapshots.length === 0 ? (
        <p className="inspector-nothing">
          There are no versions yet: keep one, or wait for the first fold.
        </p>
      ) : (
        <ol className="versions" data-testid="versions">
          {view.snapshots.map((snapshot) => (
            <Version
              key={snapshot.seq}
              docId={docId}
              snapshot={snapshot}
              others={view.snapshots}
              edition={view.edition}
              onChanged={lookAgain}
              onRestored={async (result) => {
                await lookAgain()
                setRestored(result)
              }}
            />
          ))}
        </ol>
      )}
    </Section>
  )
}
