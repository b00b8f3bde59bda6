import { BlockNoteView } from '@blocknote/mantine'
import { useCreateBlockNote } from '@blocknote/react'
import { useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { indexeddb } from 'y-electric'
import { DocumentProvider, useDocument, usePresence, useStatus } from 'y-electric/react'
import { person } from './person'
import { statusText } from './status'
import '@blocknote/mantine/style.css'
import './page.css'
import './editor.css'

// The content is on this device too: it shows before the server answers, and edits made offline survive a reload.
const persistence = indexeddb()

function Header() {
  const status = useStatus()
  const { others, update } = usePresence<{ user?: typeof person }>()
  useEffect(() => update({ user: person }), [update])
  const names = others.map(({ state }) => state.user?.name ?? 'Somebody')
  return (
    <header>
      <p id="status">{statusText(status)}</p>
      <p id="others">{names.length > 0 && `With ${names.join(', ')}`}</p>
    </header>
  )
}

function Editor() {
  const { doc, provider } = useDocument()
  // With `collaboration` undo takes back only the edits of this person.
  const editor = useCreateBlockNote(
    { collaboration: { provider, fragment: doc.getXmlFragment('blocknote'), user: person } },
    [provider],
  )
  return <BlockNoteView className="editor" editor={editor} theme="light" />
}

createRoot(document.getElementById('app') as HTMLElement).render(
  <DocumentProvider url="/api" docId="blocknote" persistence={persistence}>
    <Header />
    <Editor />
  </DocumentProvider>,
)
