import { expect, test } from 'vitest'
import { isStorable } from './unreadable.ts'
import { MAX_USER_LENGTH, userName } from './user-name.ts'

test.each(['ada', 'ada@example.com', 'Ada 🦊', 'x'.repeat(200)])(
  '%s is stored unchanged',
  (user) => {
    expect(userName(user)).toBe(user)
  },
)

test.each(['', '\0', '\ud83e', '\0\0'])('%j is not a name', (user) => {
  expect(userName(user)).toBeNull()
})

test.each([
  ['ada', 'ada\0'],
  ['ada', '\0ada'],
  ['ada\0', '\0ada'],
  ['ada\ud83e', 'ada\udd8a'],
  ['ada', 'ada\ud83e'],
  [`${'x'.repeat(200)}a`, `${'x'.repeat(200)}b`],
  ['x'.repeat(200), 'x'.repeat(201)],
  [`${'x'.repeat(176)}🦊${'y'.repeat(30)}a`, `${'x'.repeat(176)}🦊${'y'.repeat(30)}b`],
])('%j and %j are different users', (one, other) => {
  const names = [userName(one), userName(other)]
  expect(names[0]).not.toBe(names[1])
  for (const name of names) {
    expect(name?.length).toBeLessThanOrEqual(MAX_USER_LENGTH)
    expect(isStorable(name ?? '\0')).toBe(true)
    expect(userName(name ?? '')).toBe(name)
  }
})
