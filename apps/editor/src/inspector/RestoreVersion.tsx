import { useEffect, useRef } from 'react'
import { type Restored, restoreVersion } from './api.ts'
import { Problem } from './Problem.tsx'
import { useAction } from './useAction.ts'

interface RestoreVersionProps {
  docId: string
  seq: number
  name: string
  onCancel: () => void
  onRestored: (result: Restored) => Promise<void>
}

/** Asks once more: everybody who has the document open will see it change. */
export function RestoreVersion({ docId, seq, name, onCancel, onRestored }: RestoreVersionProps) {
  const { isBusy, problem, run } = useAction()
  const yes = useRef<HTMLButtonElement>(null)
  useEffect(() => yes.current?.focus(), [])
  return (
    <fieldset className="restore">
      <legend className="visually-hidden">Bring back {name}?</legend>
      <p>
        The document becomes what it was then, at once and on every screen. What is there now is
        kept as a version, and so nothing is lost.
      </p>
      <div className="restore-buttons">
        <button
          ref={yes}
          type="button"
          className="button-primary"
          aria-disabled={isBusy}
          onClick={() => run(async () => onRestored(await restoreVersion(docId, seq)))}
        >
          {isBusy ? 'Bringing it back…' : 'Yes, bring it back'}
        </button>
        <button type="button" className="button-quiet" onClick={onCancel}>
          Leave it as it is
        </button>
      </div>
      {problem !== null && <Problem error={problem} />}
    </fieldset>
  )
}
