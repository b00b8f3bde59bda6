import { expect, test } from 'vitest'
import { isPaletteColor } from './palette.ts'
import { initialsOf, LONGEST_NAME, newPerson, personOf, tidyName } from './person.ts'

test('a new person has a friendly name, a colour, and a unique id', () => {
  const people = Array.from({ length: 200 }, () => newPerson())
  expect(new Set(people.map(({ id }) => id)).size).toBe(people.length)
  for (const { name, color } of people) {
    expect(name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/)
    expect(isPaletteColor(color)).toBe(true)
  }
  expect(newPerson((size) => new Uint8Array(size)).name).toBe('Amber Badger')
})

test.each([
  ['  Ada   Lovelace ', 'Ada Lovelace'],
  ['two\nlines', 'two lines'],
  ['\u202Egnirts', 'gnirts'],
  ['👩‍🚀 Sally', '👩‍🚀 Sally'],
  ['x'.repeat(100), 'x'.repeat(LONGEST_NAME)],
  ['   ', ''],
])('%j is shown as %j', (typed, shown) => {
  expect(tidyName(typed)).toBe(shown)
})

test('invalid fields in the user state of another client are replaced', () => {
  const ada = { id: 'a1', name: 'Ada', color: '#027c7c' }
  expect(personOf(ada, 1)).toEqual(ada)
  for (const said of [null, undefined, 5, 'Ada', [], { id: 7, name: {}, color: 'red' }]) {
    const { id, name, color } = personOf(said, 9)
    expect([id, name]).toEqual(['client 9', 'Anonymous'])
    expect(isPaletteColor(color)).toBe(true)
  }
})

test.each([
  ['Quiet Heron', 'QH'],
  ['ada', 'A'],
  ['Ada King Lovelace', 'AL'],
  ['', ''],
])('the initials of %j are %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials)
})
