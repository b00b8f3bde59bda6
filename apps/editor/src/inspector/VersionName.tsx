import { useState } from 'react'

interface VersionNameProps {
  /** The displayed name. */
  name: string
  /** The name that a person gave the version; null if it has none. */
  label: string | null
  onChange: (label: string | null) => Promise<void>
}

/** A version's name, which can be edited in place. */
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
        // biome-ignore lint/a11y/noAutofocus: it replaces the pressed button.
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
