import { useRef } from 'react'

/** Chooses files; dropping them on the page does the same. */
export function ImportButton({ onFiles }: { onFiles: (files: readonly File[]) => Promise<void> }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button
        type="button"
        className="button-quiet"
        title="Markdown, HTML, Word (.docx) or text; or drop files on this page"
        onClick={() => input.current?.click()}
      >
        Import
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept=".md,.markdown,.html,.htm,.docx,.txt"
        aria-label="Files to import"
        onChange={({ target }) => {
          void onFiles([...(target.files ?? [])])
          target.value = ''
        }}
      />
    </>
  )
}
