/** The person at this browser: the others see the name and the colour beside the caret. */
export interface Person {
  readonly name: string
  readonly color: string
}

const NAMES = ['Quiet Heron', 'Bright Otter', 'Swift Lynx', 'Calm Badger', 'Early Wren']
const COLORS = ['#2b6cb0', '#b83280', '#2f855a', '#c05621', '#6b46c1']

/** The person that this browser has kept, or one with an invented name. */
export function loadPerson(): Person {
  return savePerson({
    name: localStorage.getItem('name') ?? anyOf(NAMES),
    color: localStorage.getItem('color') ?? anyOf(COLORS),
  })
}

export function savePerson(person: Person): Person {
  localStorage.setItem('name', person.name)
  localStorage.setItem('color', person.color)
  return person
}

const anyOf = (values: string[]): string =>
  values[Math.floor(Math.random() * values.length)] ?? 'Somebody'
