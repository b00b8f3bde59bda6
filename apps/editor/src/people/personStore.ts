import { useSyncExternalStore } from 'react'
import { LONGEST_NAME, newPerson, type Person, personOf, tidyName } from './person.ts'

const KEY = 'y-electric:person'
const listeners = new Set<() => void>()

// Also kept in memory: if storage is forbidden, the person stays the same as long as the tab lives.
let current: Person = stored() ?? keep(newPerson())

/** The person that others see for this browser. */
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

// All tabs of a browser show the same person.
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
    // Storage is full or forbidden: the person has another name next time.
  }
  return person
}
