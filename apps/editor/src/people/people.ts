import { type Person, personOf } from './person.ts'

/** A person who has the document open, in one or more tabs. */
export interface Present extends Person {
  readonly isYou: boolean
}

type States = ReadonlyMap<number, unknown>

/** The people present: you first, the others in a stable order. */
export function peopleIn(states: States, ownClientId: number): Present[] {
  const own = states.get(ownClientId)
  const you = own == null ? null : personIn(own, ownClientId)
  const others = new Map<string, Person>()
  for (const clientId of [...states.keys()].sort((a, b) => a - b)) {
    const state = states.get(clientId)
    if (state == null || clientId === ownClientId) continue
    const person = personIn(state, clientId)
    if (person.id !== you?.id && !others.has(person.id)) others.set(person.id, person)
  }
  return [
    ...(you === null ? [] : [{ ...you, isYou: true }]),
    ...[...others.values()].map((person) => ({ ...person, isYou: false })),
  ]
}

/** The person behind one client's state. */
export function personIn(state: unknown, clientId: number): Person {
  const user = typeof state === 'object' && state !== null && 'user' in state ? state.user : null
  return personOf(user, clientId)
}

/** The change between two lists as a sentence; null if nobody came or left. */
export function comingAndGoing(before: readonly Present[], now: readonly Present[]): string | null {
  const came = missingFrom(before, now)
  const left = missingFrom(now, before)
  const sentences = [
    ...(came.length === 0 ? [] : [`${listed(came)} ${came.length === 1 ? 'is' : 'are'} here.`]),
    ...(left.length === 0 ? [] : [`${listed(left)} left.`]),
  ]
  return sentences.length === 0 ? null : sentences.join(' ')
}

function missingFrom(some: readonly Present[], all: readonly Present[]): string[] {
  const known = new Set(some.map(({ id }) => id))
  return all.filter(({ id, isYou }) => !isYou && !known.has(id)).map(({ name }) => name)
}

/** The names as a list; a long list is shortened to a few names and a count. */
export function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} others`
  return names.length < 2
    ? names.join('')
    : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`
}
