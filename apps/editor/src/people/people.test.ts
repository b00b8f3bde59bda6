import { expect, test } from 'vitest'
import { PALETTE } from './palette.ts'
import { comingAndGoing, listed, peopleIn, personAmong } from './people.ts'

const ada = { id: 'a', name: 'Ada', color: '#027c7c' }
const bob = { id: 'b', name: 'Bob', color: '#c0453b' }

test('you come first, and each person is listed once for all their tabs', () => {
  const states = new Map<number, unknown>([
    [9, { user: bob, cursor: null }],
    [5, { user: ada }],
    [2, { user: ada }],
    [7, { user: bob }],
  ])
  expect(peopleIn(states, 5)).toEqual([
    { ...ada, isYou: true },
    { ...bob, isYou: false },
  ])
})

test('a reader is not listed, and sees the others', () => {
  const states = new Map<number, unknown>([[2, { user: ada }]])
  expect(peopleIn(states, 5)).toEqual([{ ...ada, isYou: false }])
})

test('each client without a user state is a separate anonymous person', () => {
  const states = new Map<number, unknown>([
    [1, {}],
    [2, 'text'],
    [3, null],
  ])
  expect(peopleIn(states, 5).map(({ name }) => name)).toEqual(['Anonymous', 'Anonymous'])
})

test('arrivals and departures are announced once, and cursor moves are not', () => {
  const [a, b, you] = [
    { ...ada, isYou: false },
    { ...bob, isYou: false },
    { ...ada, id: 'me', isYou: true },
  ]
  expect(comingAndGoing([], [you])).toBeNull()
  expect(comingAndGoing([you, a], [you, a])).toBeNull()
  expect(comingAndGoing([you], [you, a])).toBe('Ada is here.')
  expect(comingAndGoing([you], [you, a, b])).toBe('Ada and Bob are here.')
  expect(comingAndGoing([you, a], [you, b])).toBe('Bob is here. Ada left.')
})

test('a long list of names is shortened', () => {
  expect(listed(['A', 'B', 'C', 'D'])).toBe('A, B, C and D')
  expect(listed(['A', 'B', 'C', 'D', 'E'])).toBe('A, B, C and 2 others')
})

test('people with the same colour are told apart, in the same way for everybody', () => {
  const same = (id: string) => ({ user: { id, name: id, color: '#027c7c' } })
  const states = new Map<number, unknown>([
    [1, same('c')],
    [2, same('a')],
    [3, same('b')],
    [4, same('b')],
  ])
  const colorsFor = (own: number) =>
    Object.fromEntries(peopleIn(states, own).map(({ id, color }) => [id, color]))
  const colors = colorsFor(1)
  expect(new Set(Object.values(colors)).size).toBe(3)
  expect(colors.a).toBe('#027c7c')
  for (const own of [2, 3, 4]) expect(colorsFor(own)).toEqual(colors)
  expect(personAmong(states, 4).color).toBe(colors.b)
})

test('more people than colours share some, and a free choice is never taken away', () => {
  const states = new Map<number, unknown>(
    Array.from({ length: 12 }, (_, index) => [
      index,
      {
        user: { id: String.fromCharCode(97 + index), name: 'x', color: PALETTE[index % 4]?.color },
      },
    ]),
  )
  const colors = peopleIn(states, 0).map(({ color }) => color)
  expect(colors.slice(0, 4)).toEqual(PALETTE.slice(0, 4).map(({ color }) => color))
  expect(new Set(colors).size).toBe(8)
})
