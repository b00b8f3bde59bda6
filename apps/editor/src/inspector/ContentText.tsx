import { useEffect, useRef, useState } from 'react'
import { ApiError, fetchText, type TextFormat } from './api.ts'
import { Problem } from './Problem.tsx'
import { type Asking, oneAtATime } from './timing.ts'

/** Longer texts are cut for display. */
const LONGEST = 60_000

interface ContentTextProps {
  docId: string
  format: TextFormat
  /** The snapshot row to read; absent for the current document. */
  at?: number
  /** A change of this number fetches the text again. */
  edition?: number
}

/** The content as text, exported by the server. */
export function ContentText({ docId, format, at, edition = 0 }: ContentTextProps) {
  const [text, setText] = useState<string | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  const asking = useRef<Asking>(undefined)

  useEffect(() => {
    setText(null)
    setProblem(null)
    const opened = oneAtATime(async (signal) => {
      try {
        const options = { format, signal, ...(at === undefined ? {} : { at }) }
        const fetched = await fetchText(docId, options)
        if (signal.aborted) return
        setText(fetched)
        setProblem(null)
      } catch (error) {
        if (!signal.aborted && error instanceof ApiError) setProblem(error)
      }
    })
    asking.current = opened
    return () => opened.end()
  }, [docId, format, at])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of any of them must fetch.
  useEffect(() => asking.current?.ask(), [docId, format, at, edition])

  if (problem !== null) return <Problem error={problem} />
  if (text === null) return <p className="inspector-nothing">Fetching…</p>
  if (text === '') return <p className="inspector-nothing">The document has no text.</p>
  return (
    // Scrollable text must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the arrow keys.
    <pre className="content-text" data-format={format} tabIndex={0}>
      {text.slice(0, LONGEST)}
      {text.length > LONGEST &&
        `\n… and ${(text.length - LONGEST).toLocaleString('en')} more letters`}
    </pre>
  )
}
