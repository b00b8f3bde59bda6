import { LexicalCollaboration } from '@lexical/react/LexicalCollaborationContext'
import { CollaborationPlugin } from '@lexical/react/LexicalCollaborationPlugin'
import { LexicalComposer } from '@lexical/react/LexicalComposer'
import { ContentEditable } from '@lexical/react/LexicalContentEditable'
import { LexicalErrorBoundary } from '@lexical/react/LexicalErrorBoundary'
import { RichTextPlugin } from '@lexical/react/LexicalRichTextPlugin'
import { useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { ElectricProvider, indexeddb } from 'y-electric'
import * as Y from 'yjs'
import { person } from './person'
import { statusText } from './status'
import './page.css'
import './editor.css'

// The content is on this device too: it shows before the server answers, and edits made offline survive a reload.
const persistence = indexeddb()

/** Lexical connects the provider when it has bound the document. */
function openProvider(docId: string, docs: Map<string, Y.Doc>): ElectricProvider {
  const doc = new Y.Doc()
  docs.set(docId, doc)
  return new ElectricProvider({ url: '/api', docId, doc, persistence, connect: false })
}

function Header({ provider }: { provider: ElectricProvider | null }) {
  const [, show] = useState({})
  useEffect(() => {
    if (provider === null) return
    const changed = () => show({})
    provider.on('change', changed)
    provider.awareness.on('change', changed)
    return () => {
      provider.off('change', changed)
      provider.awareness.off('change', changed)
    }
  }, [provider])
  const names = [...(provider?.awareness.getStates() ?? [])]
    .filter(([client]) => client !== provider?.doc.clientID)
    .map(([, state]) => state.name)
  return (
    <header>
      <p id="status">{provider === null ? 'Opening…' : statusText(provider.facts)}</p>
      <p id="others">{names.length > 0 && `With ${names.join(', ')}`}</p>
    </header>
  )
}

function App() {
  const [provider, setProvider] = useState<ElectricProvider | null>(null)
  const [open] = useState(() => (docId: string, docs: Map<string, Y.Doc>) => {
    const opened = openProvider(docId, docs)
    setProvider(opened)
    return opened
  })
  return (
    <>
      <Header provider={provider} />
      <LexicalCollaboration>
        <LexicalComposer
          initialConfig={{
            namespace: 'y-electric',
            // The content comes from the document.
            editorState: null,
            onError: (error) => {
              throw error
            },
          }}
        >
          <RichTextPlugin
            contentEditable={<ContentEditable className="editor" aria-label="Text" />}
            ErrorBoundary={LexicalErrorBoundary}
          />
          {/* Undo takes back only the edits of this person. */}
          <CollaborationPlugin
            id="lexical"
            providerFactory={open}
            shouldBootstrap
            username={person.name}
            cursorColor={person.color}
          />
        </LexicalComposer>
      </LexicalCollaboration>
    </>
  )
}

createRoot(document.getElementById('app') as HTMLElement).render(<App />)
