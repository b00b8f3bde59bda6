import { expect, test } from 'vitest'
import { withGone } from './useGone.ts'

const person = (id: string) => ({ id, name: id, color: '#027c7c', isYou: false })
const gone = (id: string, lastSeen: number) => ({ person: person(id), lastSeen })

test('a person who left is remembered until they come back', () => {
  const left = withGone([], [person('a')], [gone('b', 1)])
  expect(left).toEqual([gone('b', 1)])
  expect(withGone(left, [person('a'), person('b')], [])).toEqual([])
  // An unchanged list is the same, so that nothing is drawn again.
  expect(withGone(left, [person('a')], [])).toBe(left)
})

test('the latest come first, each once, and a long list is cut', () => {
  const left = withGone([gone('b', 1), gone('c', 1)], [], [gone('b', 2)])
  expect(left.map(({ lastSeen }) => lastSeen)).toEqual([2, 1])
  const many = Array.from({ length: 30 }, (_, index) => gone(String(index), index))
  expect(withGone([], [], many)).toHaveLength(12)
})
