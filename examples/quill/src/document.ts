import { ElectricProvider, indexeddb, type ProviderFacts } from 'y-electric'
import * as Y from 'yjs'

/** The person at this browser: the others see the name and the colour. */
export interface Person {
  readonly name: string
  readonly color: string
}

/** Opens the document of the page, and shows its status and the people who have it open. Call it once. */
export function openDocument(name: string) {
  // An address with ?doc=ID opens another document.
  const docId = new URLSearchParams(location.search).get('doc') ?? name
  const doc = new Y.Doc()
  // The document is stored on this device too, so edits survive a reload without the server.
  const provider = new ElectricProvider({ url: '/api', docId, doc, persistence: indexeddb() })
  const person = loadPerson()
  provider.awareness.setLocalStateField('user', person)
  provider.on('change', () => showStatus(provider.facts))
  provider.awareness.on('change', () => showPeople(provider))
  showStatus(provider.facts)
  showPeople(provider)
  return { doc, provider, person }
}

/** The element of the page with this selector. */
export function find<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector)
  if (found === null) throw new Error(`index.html has no element ${selector}`)
  return found
}

function showStatus(facts: ProviderFacts): void {
  const line = find('#status')
  line.textContent = statusText(facts)
  line.dataset.status = facts.status
}

function statusText({ status, synced, saved, stored, error }: ProviderFacts): string {
  if (status === 'refused' || status === 'auth-failed') return error?.message ?? 'Refused'
  if (status === 'offline') return stored ? 'Offline, kept on this device' : 'Offline'
  if (!synced) return 'Opening…'
  return saved ? 'Saved' : 'Saving…'
}

function showPeople({ awareness }: ElectricProvider): void {
  const people = [...awareness.getStates().values()].map(
    ({ user }) => user as Partial<Person> | undefined,
  )
  const items = people.map((person) => {
    const item = document.createElement('li')
    item.textContent = person?.name ?? 'Somebody'
    item.style.setProperty('--color', person?.color ?? 'gray')
    return item
  })
  find('#people').replaceChildren(...items)
}

const NAMES = ['Quiet Heron', 'Bright Otter', 'Swift Lynx', 'Calm Badger', 'Early Wren']
const COLORS = ['#2b6cb0', '#b83280', '#2f855a', '#c05621', '#6b46c1']

/** An invented person, which this browser keeps. Your app knows its users. */
function loadPerson(): Person {
  localStorage.name ??= anyOf(NAMES)
  localStorage.color ??= anyOf(COLORS)
  return { name: localStorage.name, color: localStorage.color }
}

const anyOf = (values: readonly string[]): string =>
  values[Math.floor(Math.random() * values.length)] ?? ''
