import { BlockNoteView } from '@blocknote/mantine'
import { useCreateBlockNote } from '@blocknote/react'
import { createRoot } from 'react-dom/client'
import { find, openDocument } from './document'
import '@blocknote/mantine/style.css'
import './style.css'
import './editor.css'

// Outside of React: the document is opened once, however often a component is mounted.
const { doc, provider, person } = openDocument('blocknote')
const fragment = doc.getXmlFragment('blocknote')

function Editor() {
  // Its undo takes back only the edits of this person.
  const editor = useCreateBlockNote({
    collaboration: { fragment, provider, user: { ...person }, showCursorLabels: 'always' },
  })
  return <BlockNoteView editor={editor} />
}

createRoot(find('#editor')).render(<Editor />)
