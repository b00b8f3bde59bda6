import { ElectricProvider, indexeddb } from 'y-electric'
import * as Y from 'yjs'
import { showEditor } from './editor'
import { loadPerson, savePerson } from './person'
import { statusText } from './status'
import './style.css'

const find = <T extends Element>(selector: string): T => {
  const found = document.querySelector<T>(selector)
  if (found === null) throw new Error(`the page has no element ${selector}`)
  return found
}

find('#app').innerHTML = `
  <header>
    <p id="status">Opening…</p>
    <p id="others"></p>
    <input id="name" aria-label="Your name" />
  </header>
  <main></main>`

const doc = new Y.Doc()
// Edits survive a reload without the server.
const persistence = indexeddb()
const provider = new ElectricProvider({ url: '/api', docId: 'notes', doc, persistence })
const { awareness } = provider

const status = find('#status')
const showStatus = () => {
  status.textContent = statusText(provider.facts)
}
provider.on('change', showStatus)
showStatus()

let person = loadPerson()
awareness.setLocalStateField('user', person)
const name = find<HTMLInputElement>('#name')
name.value = person.name
name.addEventListener('input', () => {
  person = savePerson({ ...person, name: name.value })
  awareness.setLocalStateField('user', person)
})

const others = find('#others')
awareness.on('change', () => {
  const names = [...awareness.getStates()]
    .filter(([client]) => client !== doc.clientID)
    .map(([, state]) => state.user?.name ?? 'Somebody')
  others.textContent = names.length > 0 ? `With ${names.join(', ')}` : ''
})

showEditor(find('main'), { doc, provider })
