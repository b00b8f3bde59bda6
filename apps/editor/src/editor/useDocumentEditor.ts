import { type Editor, useEditor } from '@tiptap/react'
import type { Doc } from 'yjs'
import { extensionsFor } from './extensions.ts'

export function useDocumentEditor(doc: Doc, onLink: () => void): Editor {
  return useEditor(
    {
      extensions: extensionsFor(doc),
      // Typing must not render the page; who needs the editor's state subscribes to it.
      shouldRerenderOnTransaction: false,
      editorProps: {
        attributes: {
          class: 'prose',
          'aria-label': 'Document text',
          role: 'textbox',
          'aria-multiline': 'true',
          spellcheck: 'true',
        },
        handleKeyDown: (_view, event) => {
          const wantsLink =
            (event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === 'k'
          if (!wantsLink) return false
          event.preventDefault()
          onLink()
          return true
        },
        handleClick: (_view, _position, event) => {
          const wantsToFollow = event.metaKey || event.ctrlKey
          const link = event.target instanceof Element ? event.target.closest('a[href]') : null
          if (!wantsToFollow || !(link instanceof HTMLAnchorElement)) return false
          window.open(link.href, '_blank', 'noopener,noreferrer')
          return true
        },
      },
    },
    [doc],
  )
}
