import { type Editor, getMarkRange } from '@tiptap/core'
import { type SubmitEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { linkAddressOf } from './linkAddress.ts'

interface LinkPanelProps {
  editor: Editor
  onClose: () => void
}

/** The field for a link's address, which opens below the selected text. */
export function LinkPanel({ editor, onClose }: LinkPanelProps) {
  const [existing] = useState(() => String(editor.getAttributes('link').href ?? ''))
  const [typed, setTyped] = useState(existing)
  const [wrong, setWrong] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const panel = useRef<HTMLFormElement>(null)
  const inputId = useId()
  const errorId = useId()

  useEffect(() => input.current?.select(), [])
  useLayoutEffect(() => placeBelowSelection(editor, panel.current), [editor])

  const finish = () => {
    // Focuses at once, not in TipTap's next frame, because the next key may come before that.
    editor.view.focus()
    onClose()
  }
  const apply = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const address = linkAddressOf(typed)
    if (address === null) {
      setWrong(true)
      input.current?.focus()
      return
    }
    setLink(editor, address, typed.trim())
    finish()
  }
  const remove = () => {
    editor.chain().extendMarkRange('link').unsetLink().run()
    finish()
  }

  return (
    <form
      ref={panel}
      className="link-panel"
      aria-label={existing === '' ? 'Add a link' : 'Edit the link'}
      onSubmit={apply}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        finish()
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onClose()
      }}
    >
      <label className="visually-hidden" htmlFor={inputId}>
        Address
      </label>
      <input
        id={inputId}
        ref={input}
        type="text"
        inputMode="url"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder="example.org/page"
        value={typed}
        aria-invalid={wrong}
        aria-describedby={wrong ? errorId : undefined}
        onChange={(event) => {
          setTyped(event.target.value)
          setWrong(false)
        }}
      />
      <button type="submit" className="button-primary">
        {existing === '' ? 'Link' : 'Save'}
      </button>
      {existing !== '' && (
        <>
          <a className="button-quiet" href={existing} target="_blank" rel="noopener noreferrer">
            Open
          </a>
          <button type="button" className="button-quiet" onClick={remove}>
            Remove
          </button>
        </>
      )}
      {wrong && (
        <p id={errorId} className="link-error" role="alert">
          This is not a web or mail address.
        </p>
      )}
    </form>
  )
}

function setLink(editor: Editor, href: string, typed: string): void {
  const { selection, schema } = editor.state
  const link = schema.marks.link
  const insideLink = link !== undefined && getMarkRange(selection.$from, link) !== undefined
  if (selection.empty && !insideLink) {
    // Without a selection the address becomes the linked text. Text typed after it is not linked.
    editor.commands.insertContent([
      { type: 'text', text: typed, marks: [{ type: 'link', attrs: { href } }] },
      { type: 'text', text: ' ' },
    ])
    return
  }
  editor.chain().extendMarkRange('link').setLink({ href }).run()
}

function placeBelowSelection(editor: Editor, panel: HTMLElement | null): void {
  const frame = panel?.offsetParent
  if (panel === null || !(frame instanceof HTMLElement)) return
  const { from, to } = editor.state.selection
  const start = editor.view.coordsAtPos(from)
  const end = editor.view.coordsAtPos(to)
  const bounds = frame.getBoundingClientRect()
  const margin = 8
  const furthest = bounds.width - panel.offsetWidth - margin
  panel.style.left = `${Math.max(margin, Math.min(start.left - bounds.left, furthest))}px`
  panel.style.top = `${end.bottom - bounds.top + margin}px`
}
