import type { Editor } from '@tiptap/react'
import { BlockHandle } from './BlockHandle.tsx'
import type { FloatingElements } from './floating.ts'
import { LinkPreview } from './LinkPreview.tsx'
import { SelectionMenu } from './SelectionMenu.tsx'

interface FloatingMenusProps {
  editor: Editor
  elements: FloatingElements
  onLink: () => void
}

/** The menus over and beside the text. */
export function FloatingMenus({ editor, elements, onLink }: FloatingMenusProps) {
  return (
    <>
      <SelectionMenu editor={editor} element={elements.selection} onLink={onLink} />
      <LinkPreview editor={editor} element={elements.link} onEdit={onLink} />
      <BlockHandle editor={editor} />
    </>
  )
}
