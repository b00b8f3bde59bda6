import { useState } from 'react'

interface RenameFormProps {
  title: string
  onRename: (title: string) => void
  onCancel: () => void
}

/** The title of a document as a field. The title is the first line, so this edits the document. */
export function RenameForm({ title, onRename, onCancel }: RenameFormProps) {
  const [typed, setTyped] = useState(title)
  return (
    <form
      className="rename"
      onSubmit={(event) => {
        event.preventDefault()
        const wanted = typed.trim()
        if (wanted === '' || wanted === title) onCancel()
        else onRename(wanted)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel()
      }}
    >
      <input
        className="field"
        type="text"
        aria-label={`New title of “${title}”`}
        // biome-ignore lint/a11y/noAutofocus: it replaces the entry whose menu was used.
        autoFocus
        autoComplete="off"
        value={typed}
        onFocus={({ target }) => target.select()}
        onChange={({ target }) => setTyped(target.value)}
      />
      <button type="submit" className="button-primary">
        Rename
      </button>
      <button type="button" className="button-quiet" onClick={onCancel}>
        Cancel
      </button>
    </form>
  )
}
