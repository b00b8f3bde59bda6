import type { Editor } from '@tiptap/react'
import { useEffect } from 'react'

/** Focuses the editor of an empty document, since people open it to write. */
export function useInvitation(editor: Editor, mayWrite: boolean): void {
  useEffect(() => {
    const elsewhere = window.document.activeElement?.closest('button, a, input') ?? null
    if (mayWrite && editor.isEmpty && elsewhere === null) editor.commands.focus()
  }, [editor, mayWrite])
}
