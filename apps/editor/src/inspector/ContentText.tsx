import { useEffect, useRef, useState } from 'react'
import { ApiError, fetchText, type TextFormat } from './api.ts'
import { Problem } from './Problem.tsx'
import { type Asking, oneAtATime } from './timing.ts'

/** More than this is not drawn: a page that long can be fetched, but not read. */
const LONGEST = 60_000

interface ContentTextProps {
  docId: string
  format: TextFormat
  /** The snapshot row that is read; absent for the document as it is now. */
  at?: number
  /** Another one when there is something new to fetch. */
  edition?: number
}

/** The content in words, as the server tells it. */
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

  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them is a reason to fetch.
  useEffect(() => asking.current?.ask(), [docId, format, at, edition])

  if (problem !== null) return <Problem error={problem} />
  if (text === null) return <p className="inspector-nothing">Fetching…</p>
  if (text === '') return <p className="inspector-nothing">There are no words in it.</p>
  return (
    // Text that scrolls must be reached by keys too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the arrow keys.
    <pre className="content-text" data-format={format} tabIndex={0}>
      {text.slice(0, LONGEST)}
      {text.length > LONGEST &&
        `\n… and ${(text.length - LONGEST).toLocaleString('en')} letters more`}
    </pre>
  )
}
