import { type Editor, useEditor } from '@tiptap/react'
import { useEffect, useMemo, useRef } from 'react'
import type { ContentGuard } from 'y-electric/tiptap'
import type { Awareness } from 'y-protocols/awareness'
import { extensionsFor, type Furniture } from './extensions.ts'

interface DocumentEditorOptions {
  isEditable: boolean
  furniture: Furniture
  onLink: () => void
}

export function useDocumentEditor(
  guard: ContentGuard,
  awareness: Awareness,
  { isEditable, furniture, onLink }: DocumentEditorOptions,
): Editor {
  const extensions = useMemo(
    () => extensionsFor(guard, awareness, furniture),
    [guard, awareness, furniture],
  )
  const mayEdit = useRef(isEditable)
  const editor = useEditor(
    {
      extensions,
      editable: isEditable,
      // Typing must not render the page; components that need the editor's state subscribe to it.
      shouldRerenderOnTransaction: false,
      editorProps: {
        attributes: () => ({
          class: 'prose',
          'aria-label': 'Document text',
          role: 'textbox',
          'aria-multiline': 'true',
          'aria-readonly': String(!mayEdit.current),
          // Text that cannot be edited is not focusable by itself, and then keys could not scroll
          // it.
          tabindex: '0',
          spellcheck: String(mayEdit.current),
        }),
        handleKeyDown: (_view, event) => {
          const wantsLink =
            (event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === 'k'
          if (!wantsLink || !mayEdit.current) return false
          event.preventDefault()
          onLink()
          return true
        },
        handleClick: (_view, _position, event) => {
          const wantsToFollow = event.metaKey || event.ctrlKey || !mayEdit.current
          const link = event.target instanceof Element ? event.target.closest('a[href]') : null
          if (!wantsToFollow || !(link instanceof HTMLAnchorElement)) return false
          event.preventDefault()
          window.open(link.href, '_blank', 'noopener,noreferrer')
          return true
        },
      },
    },
    [guard, awareness],
  )

  useEffect(() => {
    mayEdit.current = isEditable
    editor.setEditable(isEditable, false)
  }, [editor, isEditable])

  return editor
}
