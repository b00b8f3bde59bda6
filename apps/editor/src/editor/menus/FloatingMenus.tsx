import type { Editor } from '@tiptap/react'
import { BlockHandle } from './BlockHandle.tsx'
import type { FloatingElements } from './floating.ts'
import { LinkPreview } from './LinkPreview.tsx'
import { PictureMenu } from './PictureMenu.tsx'
import { PressedBlock } from './PressedBlock.tsx'
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
      <PictureMenu editor={editor} element={elements.picture} />
      <BlockHandle editor={editor} />
      <PressedBlock editor={editor} />
    </>
  )
}
