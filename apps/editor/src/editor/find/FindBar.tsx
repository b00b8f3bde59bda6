import type { Command } from '@tiptap/pm/state'
import type { Editor } from '@tiptap/react'
import { useEffect, useRef, useState } from 'react'
import { icons } from '../icons.tsx'
import {
  type Found,
  foundIn,
  goBack,
  goForward,
  look,
  NOTHING_WANTED,
  replaceEvery,
  replaceOne,
  type Wanted,
} from './find.ts'

interface FindBarProps {
  editor: Editor
  isEditable: boolean
  onClose: () => void
}

/** Find and replace. */
export function FindBar({ editor, isEditable, onClose }: FindBarProps) {
  const [wanted, setWanted] = useState<Wanted>(() => ({
    ...NOTHING_WANTED,
    text: selectedText(editor),
  }))
  const [found, setFound] = useState<Found>({ count: 0, current: 0 })
  const input = useRef<HTMLInputElement>(null)

  const run = (command: Command) => command(editor.state, editor.view.dispatch)
  useEffect(() => input.current?.select(), [])
  useEffect(() => {
    look(wanted)(editor.state, editor.view.dispatch)
  }, [editor, wanted])
  useEffect(() => {
    const count = () => setFound(foundIn(editor.state))
    count()
    editor.on('transaction', count)
    return () => {
      editor.off('transaction', count)
      if (!editor.isDestroyed) look(NOTHING_WANTED)(editor.state, editor.view.dispatch)
    }
  }, [editor])

  const go = (command: Command) => {
    run(command)
    showSelection(editor)
  }
  const close = () => {
    onClose()
    editor.view.focus()
  }
  const { text, replacement, isCaseSensitive } = wanted
  return (
    <search
      className="find"
      aria-label="Find and replace"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        close()
      }}
    >
      <div className="find-row">
        <input
          ref={input}
          className="field"
          type="text"
          aria-label="Find"
          placeholder="Find"
          autoComplete="off"
          value={text}
          onChange={({ target }) => setWanted({ ...wanted, text: target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Enter') go(event.shiftKey ? goBack : goForward)
          }}
        />
        <span className="find-count" role="status">
          {text === '' ? '' : countInWords(found)}
        </span>
        <button
          type="button"
          className="find-case"
          aria-pressed={isCaseSensitive}
          aria-label="Match capitals"
          title="Match capitals"
          onClick={() => setWanted({ ...wanted, isCaseSensitive: !isCaseSensitive })}
        >
          Aa
        </button>
        <button
          type="button"
          className="tool"
          aria-label="Previous"
          title="Previous (Shift+Enter)"
          onClick={() => go(goBack)}
        >
          <span aria-hidden="true">↑</span>
        </button>
        <button
          type="button"
          className="tool"
          aria-label="Next"
          title="Next (Enter)"
          onClick={() => go(goForward)}
        >
          <span aria-hidden="true">↓</span>
        </button>
        <button type="button" className="tool" aria-label="Close" title="Close" onClick={close}>
          {icons.close}
        </button>
      </div>
      {isEditable && (
        <div className="find-row">
          <input
            className="field"
            type="text"
            aria-label="Replace with"
            placeholder="Replace with"
            autoComplete="off"
            value={replacement}
            onChange={({ target }) => setWanted({ ...wanted, replacement: target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Enter') go(replaceOne)
            }}
          />
          <button type="button" className="button-quiet" onClick={() => go(replaceOne)}>
            Replace
          </button>
          <button type="button" className="button-quiet" onClick={() => run(replaceEvery)}>
            All
          </button>
        </div>
      )}
    </search>
  )
}

/** A selected word is most likely the one that is sought. */
function selectedText({ state }: Editor): string {
  const { from, to } = state.selection
  const text = state.doc.textBetween(from, to, '\n')
  return text.includes('\n') || text.length > 100 ? '' : text
}

function countInWords({ count, current }: Found): string {
  if (count === 0) return 'Not found'
  return current === 0 ? String(count) : `${current} of ${count}`
}

/** The focus is in the field, so that the browser does not scroll to the selection. */
function showSelection(editor: Editor): void {
  const { node } = editor.view.domAtPos(editor.state.selection.from)
  const element = node instanceof Element ? node : node.parentElement
  element?.scrollIntoView({ block: 'nearest' })
}
