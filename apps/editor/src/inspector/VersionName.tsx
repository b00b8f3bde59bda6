import { useState } from 'react'

interface VersionNameProps {
  /** What it is called. */
  name: string
  /** The name that somebody gave it; null when nobody did. */
  label: string | null
  onChange: (label: string | null) => Promise<void>
}

/** A version's name, which can be changed in its place. */
export function VersionName({ name, label, onChange }: VersionNameProps) {
  const [typed, setTyped] = useState<string | null>(null)
  if (typed === null) {
    return (
      <h3 className="version-name">
        {name}{' '}
        <button type="button" className="version-rename" onClick={() => setTyped(label ?? '')}>
          {label === null ? 'Name it' : 'Rename'}
          <span className="visually-hidden"> {name}</span>
        </button>
      </h3>
    )
  }
  return (
    <form
      className="version-naming"
      onSubmit={(event) => {
        event.preventDefault()
        const text = typed.trim()
        setTyped(null)
        if (text !== (label ?? '')) void onChange(text === '' ? null : text)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setTyped(null)
      }}
    >
      <input
        className="field"
        type="text"
        aria-label={`Name of ${name}`}
        // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed.
        autoFocus
        autoComplete="off"
        maxLength={100}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className="button-quiet">
        Save
      </button>
    </form>
  )
}
