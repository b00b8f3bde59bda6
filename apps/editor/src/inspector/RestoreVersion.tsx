import type { Restored } from '@y-electric/documents'
import { useEffect, useRef } from 'react'
import { restoreVersion } from './api.ts'
import { Problem } from './Problem.tsx'
import { useAction } from './useAction.ts'

interface RestoreVersionProps {
  docId: string
  seq: number
  name: string
  onCancel: () => void
  onRestored: (result: Restored) => Promise<void>
}

/** Asks for confirmation, because everyone who has the document open will see it change. */
export function RestoreVersion({ docId, seq, name, onCancel, onRestored }: RestoreVersionProps) {
  const { isBusy, problem, run } = useAction()
  const yes = useRef<HTMLButtonElement>(null)
  useEffect(() => yes.current?.focus(), [])
  return (
    <fieldset className="restore">
      <legend className="visually-hidden">Restore {name}?</legend>
      <p>
        The document gets the content of this version, immediately and on every screen. The current
        content is kept as a version first, so nothing is lost.
      </p>
      <div className="restore-buttons">
        <button
          ref={yes}
          type="button"
          className="button-primary"
          aria-disabled={isBusy}
          onClick={() => run(async () => onRestored(await restoreVersion(docId, seq)))}
        >
          {isBusy ? 'Restoring…' : 'Yes, restore it'}
        </button>
        <button type="button" className="button-quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
      {problem !== null && <Problem error={problem} />}
    </fieldset>
  )
}
