import { ElectricProvider, indexeddb } from 'y-electric'
import * as Y from 'yjs'
import { person } from './person'
import { statusText } from './status'

export function find<T extends HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector)
  if (found === null) throw new Error(`index.html has no element ${selector}`)
  return found
}

/** Opens a document, and shows in the header whether it is saved and which other people are there. */
export function openDocument(docId: string) {
  const doc = new Y.Doc()
  // The content is on this device too: it shows before the server answers, and edits made offline survive a reload.
  const provider = new ElectricProvider({ url: '/api', docId, doc, persistence: indexeddb() })
  const { awareness } = provider
  awareness.setLocalStateField('user', person)

  const show = () => {
    find('#status').textContent = statusText(provider.facts)
    const names = [...awareness.getStates()]
      .filter(([client]) => client !== doc.clientID)
      .map(([, state]) => state.user?.name ?? 'Somebody')
    find('#others').textContent = names.length > 0 ? `With ${names.join(', ')}` : ''
  }
  provider.on('change', show)
  awareness.on('change', show)
  show()
  return { doc, provider, awareness }
}
