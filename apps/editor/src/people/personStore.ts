import { useSyncExternalStore } from 'react'
import { LONGEST_NAME, newPerson, type Person, personOf, tidyName } from './person.ts'

const KEY = 'y-electric:person'
const listeners = new Set<() => void>()

// Kept in memory too: where storage is forbidden one is the same person for as long as the tab lives.
let current: Person = stored() ?? keep(newPerson())

/** Who this browser's user is to others. */
export function thisPerson(): Person {
  return current
}

export function changePerson(change: Partial<Pick<Person, 'name' | 'color'>>): void {
  const name = change.name === undefined ? current.name : tidyName(change.name)
  if (name === '' || [...name].length > LONGEST_NAME) return
  become(keep({ ...current, ...change, name }))
}

export function subscribeToPerson(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function usePerson(): Person {
  return useSyncExternalStore(subscribeToPerson, thisPerson)
}

// Another tab is the same person.
window.addEventListener('storage', (event) => {
  const person = event.key === KEY ? stored() : null
  if (person !== null) become(person)
})

function become(person: Person): void {
  current = person
  for (const listener of [...listeners]) listener()
}

function stored(): Person | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return value === null ? null : personOf(value, 0)
  } catch {
    return null
  }
}

function keep(person: Person): Person {
  try {
    localStorage.setItem(KEY, JSON.stringify(person))
  } catch {
    // Full or forbidden: next time one has another name.
  }
  return person
}
