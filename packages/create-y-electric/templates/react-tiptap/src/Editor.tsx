import { EditorContent, useEditor } from '@tiptap/react'
import type { DocumentHandle } from 'y-electric/react'
import { extensionsFor } from './extensions'
import { loadPerson } from './person'

export function Editor({ document }: { document: DocumentHandle }) {
  const editor = useEditor({ extensions: extensionsFor(document, loadPerson()) }, [document])
  return <EditorContent editor={editor} />
}
