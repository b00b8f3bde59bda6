import type { Restored } from '@y-electric/documents'
import type { SnapshotInfo } from '@y-electric/server'
import { useState } from 'react'
import { whenInWords } from '../documents/when.ts'
import { labelVersion } from './api.ts'
import { ContentText } from './ContentText.tsx'
import { DifferenceView } from './DifferenceView.tsx'
import { Problem } from './Problem.tsx'
import { RestoreVersion } from './RestoreVersion.tsx'
import { bytesInWords, counted } from './units.ts'
import { useAction } from './useAction.ts'
import { VersionName } from './VersionName.tsx'
import { versionName } from './versionName.ts'

interface VersionProps {
  docId: string
  snapshot: SnapshotInfo
  others: readonly SnapshotInfo[]
  edition: number
  onChanged: () => Promise<void>
  onRestored: (result: Restored) => Promise<void>
}

type Open = 'nothing' | 'content' | 'difference' | 'restore'

/** One version and its actions. */
export function Version(props: VersionProps) {
  const { docId, snapshot, others, edition, onChanged, onRestored } = props
  const [open, setOpen] = useState<Open>('nothing')
  const { problem, run } = useAction()
  const name = versionName(snapshot)
  const toggle = (what: Open) => setOpen(open === what ? 'nothing' : what)

  const button = (what: Open, words: string) => (
    <button
      type="button"
      className="button-quiet"
      aria-expanded={open === what}
      onClick={() => toggle(what)}
    >
      {words}
      <span className="visually-hidden"> {name}</span>
    </button>
  )

  return (
    <li className="version" data-seq={snapshot.seq} data-kind={snapshot.kind}>
      <div className="version-head">
        <div className="version-words">
          <VersionName
            name={name}
            label={snapshot.label}
            onChange={(label) =>
              run(async () => {
                await labelVersion(docId, snapshot.seq, label)
                await onChanged()
              })
            }
          />
          <p className="version-note">{noteOf(snapshot, Date.now())}</p>
        </div>
        <div className="version-buttons">
          {button('content', 'Read')}
          {button('difference', 'Compare')}
          {button('restore', 'Restore')}
        </div>
      </div>
      {problem !== null && <Problem error={problem} />}
      {open === 'content' && <ContentText docId={docId} format="text" at={snapshot.seq} />}
      {open === 'difference' && (
        <DifferenceView docId={docId} from={snapshot} others={others} edition={edition} />
      )}
      {open === 'restore' && (
        <RestoreVersion
          docId={docId}
          seq={snapshot.seq}
          name={name}
          onCancel={() => setOpen('nothing')}
          onRestored={async (result) => {
            await onRestored(result)
            setOpen('nothing')
          }}
        />
      )}
    </li>
  )
}

function noteOf(snapshot: SnapshotInfo, now: number): string {
  const { createdAt, createdBy, kind, bytes, foldedRows } = snapshot
  return [
    whenInWords(Date.parse(createdAt), now),
    ...(createdBy === null ? [] : [`by ${createdBy}`]),
    kind === 'fold' ? `of ${counted(foldedRows, 'folded row')}` : 'kept by name',
    bytesInWords(bytes),
  ].join(' · ')
}
