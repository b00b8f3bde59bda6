import type { Editor } from '@tiptap/react'
import { useCallback } from 'react'
import { countWords, type Heading, headingsIn } from './headings.ts'
import { useQuietly } from './useQuietly.ts'

const MINUTE_OF_WORDS = 230

/** The headings of the document, and how long it is. */
export function Outline({ editor }: { editor: Editor }) {
  const headings = useQuietly(
    editor,
    useCallback(({ state }: Editor) => headingsIn(state.doc), []),
  )
  const words = useQuietly(
    editor,
    useCallback(
      ({ state: { doc } }: Editor) => countWords(doc.textBetween(0, doc.content.size, '\n', ' ')),
      [],
    ),
  )
  const highest = Math.min(...headings.map(({ level }) => level))
  return (
    <>
      <p className="panel-note">{lengthInWords(words)}</p>
      {headings.length === 0 ? (
        <p className="panel-note">
          Headings appear here. Type “# ” at the start of a line, or choose one with “/”.
        </p>
      ) : (
        <nav aria-label="Outline">
          <ol className="outline">
            {headings.map((heading) => (
              <li key={heading.pos}>
                <button
                  type="button"
                  className="outline-entry"
                  data-depth={Math.min(heading.level - highest, 3)}
                  onClick={() => goTo(editor, heading)}
                >
                  {heading.text}
                </button>
              </li>
            ))}
          </ol>
        </nav>
      )}
    </>
  )
}

export function lengthInWords(words: number): string {
  const minutes = Math.max(1, Math.round(words / MINUTE_OF_WORDS))
  const counted = `${words.toLocaleString('en')} ${words === 1 ? 'word' : 'words'}`
  return words === 0 ? 'No words yet' : `${counted} · ${minutes} min to read`
}

function goTo(editor: Editor, { pos }: Heading): void {
  const { state, view } = editor
  if (state.doc.nodeAt(pos)?.type.name !== 'heading') return
  editor.commands.setTextSelection(pos + 1)
  const dom = view.nodeDOM(pos)
  if (dom instanceof HTMLElement) dom.scrollIntoView({ block: 'start' })
  view.focus()
}
