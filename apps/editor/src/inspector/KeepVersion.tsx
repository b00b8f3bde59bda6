import { useId, useState } from 'react'
import { keepVersion } from './api.ts'
import { Problem } from './Problem.tsx'
import { useAction } from './useAction.ts'

/** The server accepts longer names; this limit keeps them readable. */
const LONGEST_NAME = 100

/** Keeps the current content as a version with a name. */
export function KeepVersion({ docId, onKept }: { docId: string; onKept: () => Promise<void> }) {
  const [name, setName] = useState('')
  const { isBusy, problem, run } = useAction()
  const id = useId()
  const label = name.trim()
  return (
    <>
      <form
        className="keep"
        onSubmit={(event) => {
          event.preventDefault()
          if (label === '') return
          void run(async () => {
            await keepVersion(docId, label)
            setName('')
            await onKept()
          })
        }}
      >
        <label htmlFor={id}>Keep the current content as</label>
        <input
          id={id}
          className="field"
          type="text"
          autoComplete="off"
          maxLength={LONGEST_NAME}
          placeholder="name of the version"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="button-primary" aria-disabled={isBusy || label === ''}>
          {isBusy ? 'Keeping…' : 'Keep'}
        </button>
      </form>
      {problem !== null && <Problem error={problem} />}
    </>
  )
}
