import { useEffect, useState } from 'react'
import { indexeddb } from 'y-electric'
import { DocumentProvider, useDocument, usePresence, useStatus } from 'y-electric/react'
import { Editor } from './Editor'
import { loadPerson, type Person, savePerson } from './person'
import { statusText } from './status'

// Edits survive a reload without the server.
const persistence = indexeddb()

export function App() {
  return (
    <DocumentProvider url="/api" docId="notes" persistence={persistence}>
      <Notes />
    </DocumentProvider>
  )
}

function Notes() {
  const document = useDocument()
  const status = useStatus()
  const { others, update } = usePresence<{ user?: Person }>()
  const [person, setPerson] = useState(loadPerson)
  useEffect(() => update({ user: person }), [update, person])
  const names = others.map(({ state }) => state.user?.name ?? 'Somebody')
  return (
    <>
      <header>
        <p id="status">{statusText(status)}</p>
        <p id="others">{names.length > 0 && `With ${names.join(', ')}`}</p>
        <input
          id="name"
          aria-label="Your name"
          value={person.name}
          onChange={(event) => setPerson(savePerson({ ...person, name: event.target.value }))}
        />
      </header>
      <Editor document={document} />
    </>
  )
}
