import { useEffect, useId, useRef, useState } from 'react'

const SAID_MS = 2_500

interface CopyFieldProps {
  label: string
  note: string
  text: string
}

/** A text and a button that copies it. */
export function CopyField({ label, note, text }: CopyFieldProps) {
  const [said, setSaid] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const id = useId()

  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied')
    } catch {
      // The browser does not allow it, or the page is not on https: the text is selected, so that a
      // key copies it.
      input.current?.select()
      setSaid('Press Ctrl+C')
    }
  }

  return (
    <div className="copy">
      <label htmlFor={id}>{label}</label>
      <p className="popover-note">{note}</p>
      <div className="copy-row">
        <input
          id={id}
          ref={input}
          className="field"
          type="text"
          readOnly
          value={text}
          onFocus={(event) => event.target.select()}
        />
        <button type="button" className="button-primary copy-button" onClick={copy}>
          {said === '' ? 'Copy' : said}
          <span className="visually-hidden"> {label.toLowerCase()}</span>
        </button>
      </div>
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </div>
  )
}
