import type { SnapshotInfo } from '@y-electric/server'
import { momentInWords } from '../documents/when.ts'
import { labelVersion } from '../inspector/api.ts'
import { Problem } from '../inspector/Problem.tsx'
import { useAction } from '../inspector/useAction.ts'
import { VersionName } from '../inspector/VersionName.tsx'

interface HistoryEntryProps {
  docId: string
  version: SnapshotInfo
  isShown: boolean
  mayRestore: boolean
  onShow: () => void
  onRestore: () => void
  onChanged: () => Promise<void>
}

export function HistoryEntry(props: HistoryEntryProps) {
  const { docId, version, isShown, mayRestore, onShow, onRestore, onChanged } = props
  const { problem, run } = useAction()
  const when = momentInWords(Date.parse(version.createdAt), Date.now())
  const name = version.label ?? when
  return (
    <li className="history-entry" data-named={version.label !== null}>
      <VersionName
        name={name}
        label={version.label}
        onChange={(label) =>
          run(async () => {
            await labelVersion(docId, version.seq, label)
            await onChanged()
          })
        }
      />
      <p className="panel-note">{noteOf(version, when)}</p>
      <div className="history-buttons">
        <button type="button" className="button-quiet" aria-pressed={isShown} onClick={onShow}>
          {isShown ? 'Hide changes' : 'Changes since'}
          <span className="visually-hidden"> {name}</span>
        </button>
        {mayRestore && (
          <button type="button" className="button-quiet" onClick={onRestore}>
            Restore
            <span className="visually-hidden"> {name}</span>
          </button>
        )}
      </div>
      {problem !== null && <Problem error={problem} />}
    </li>
  )
}

function noteOf({ label, kind, createdBy }: SnapshotInfo, when: string): string {
  const made = kind === 'fold' ? 'made while people wrote' : 'kept by name'
  const parts = [label === null ? made : when, ...(createdBy === null ? [] : [`by ${createdBy}`])]
  return parts.join(' · ')
}
