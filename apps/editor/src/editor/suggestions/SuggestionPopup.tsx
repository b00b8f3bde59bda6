import type { Editor } from '@tiptap/react'
import { type CSSProperties, useEffect, useId, useRef, useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'
import { type IconName, icons } from '../icons.tsx'
import type { Suggested, SuggestionList } from './SuggestionList.ts'

interface SuggestionPopupProps {
  editor: Editor
  list: SuggestionList
}

/**
 * The list at the caret. The focus stays in the text: the text's `aria-activedescendant` names the chosen line
 * to screen readers.
 */
export function SuggestionPopup({ editor, list }: SuggestionPopupProps) {
  const open = useSyncExternalStore(list.subscribe, list.current)
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const isShown = open !== null && open.items.length > 0
  const chosen = isShown ? open.chosen : -1

  useEffect(() => {
    const { dom } = editor.view
    if (chosen === -1) return
    dom.setAttribute('aria-controls', id)
    dom.setAttribute('aria-activedescendant', `${id}${chosen}`)
    box.current?.children[chosen]?.scrollIntoView({ block: 'nearest' })
    return () => {
      dom.removeAttribute('aria-controls')
      dom.removeAttribute('aria-activedescendant')
    }
  }, [editor, id, chosen])

  if (!isShown) return null
  return createPortal(
    <div ref={box} id={id} className="suggestion-list" role="listbox" aria-label={open.label}>
      {open.items.map((item, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text has the focus, and its keys choose.
        // biome-ignore lint/a11y/useFocusableInteractive: the text keeps the focus.
        <div
          key={item.id}
          id={`${id}${index}`}
          className="suggestion"
          role="option"
          aria-selected={index === open.chosen}
          onMouseMove={() => list.highlight(index)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => list.choose(index)}
        >
          <Sign item={item} />
          <span className="suggestion-label">{item.label}</span>
          {item.note !== undefined && <span className="suggestion-note">{item.note}</span>}
        </div>
      ))}
    </div>,
    open.element,
  )
}

function Sign({ item: { icon, sign, color } }: { item: Suggested }) {
  if (color !== undefined) {
    return <span className="suggestion-dot" style={{ '--person': color } as CSSProperties} />
  }
  return (
    <span className="suggestion-sign" aria-hidden="true">
      {icon === undefined ? sign : icons[icon as IconName]}
    </span>
  )
}
