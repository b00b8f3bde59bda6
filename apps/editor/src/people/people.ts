import { PALETTE } from './palette.ts'
import { type Person, personOf } from './person.ts'

/** A person who has the document open, in one or more tabs. */
export interface Present extends Person {
  readonly isYou: boolean
}

type States = ReadonlyMap<number, unknown>

/** The people present: you first, the others in a stable order. */
export function peopleIn(states: States, ownClientId: number): Present[] {
  const people = peopleByClient(states)
  const you = people.get(ownClientId) ?? null
  const others = new Map<string, Person>()
  for (const [clientId, person] of people) {
    if (clientId !== ownClientId && person.id !== you?.id && !others.has(person.id)) {
      others.set(person.id, person)
    }
  }
  return [
    ...(you === null ? [] : [{ ...you, isYou: true }]),
    ...[...others.values()].map((person) => ({ ...person, isYou: false })),
  ]
}

/**
 * The person behind each client, in the order of the client ids. Two people never have the same colour while
 * there are enough: the one whose id comes later gets the next free colour. Everybody present computes the
 * same, because it depends only on who is here.
 */
function peopleByClient(states: States): Map<number, Person> {
  const clients = [...states.keys()].filter((id) => states.get(id) != null).sort((a, b) => a - b)
  const people = clients.map((id) => [id, personIn(states.get(id), id)] as const)
  const chosen = new Map(people.toReversed().map(([, { id, color }]) => [id, color]))
  const colors = distinctColors([...chosen].sort(([a], [b]) => (a < b ? -1 : 1)))
  return new Map(
    people.map(([id, person]) => [id, { ...person, color: colors.get(person.id) ?? person.color }]),
  )
}

function distinctColors(chosen: readonly (readonly [id: string, color: string])[]) {
  const taken = new Set<string>()
  const wanted = new Set(chosen.map(([, color]) => color))
  const colors = new Map<string, string>()
  const evading: string[] = []
  for (const [id, color] of chosen) {
    if (taken.has(color)) evading.push(id)
    else colors.set(id, color)
    taken.add(color)
  }
  const free = PALETTE.map(({ color }) => color).filter((color) => !wanted.has(color))
  for (const [index, id] of evading.entries()) {
    const color = free[index]
    if (color !== undefined) colors.set(id, color)
  }
  return colors
}

/** The person behind one client, with the colour that tells them from the others here. */
export const personAmong = (states: States, clientId: number): Person =>
  peopleByClient(states).get(clientId) ?? personIn(states.get(clientId), clientId)

/** A state never changes, a client sends a new one; tidying up names at each move of a caret is slow. */
const known = new WeakMap<object, Person>()

/** The person behind one client's state. */
export function personIn(state: unknown, clientId: number): Person {
  const user = typeof state === 'object' && state !== null && 'user' in state ? state.user : null
  if (typeof user !== 'object' || user === null) return personOf(user, clientId)
  const person = known.get(user) ?? personOf(user, clientId)
  known.set(user, person)
  return person
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
