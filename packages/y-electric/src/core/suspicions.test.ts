import { expect, test } from 'vitest'
import { clear, NO_SUSPICIONS, suspect } from './suspicions.ts'

test('a code is reported once for all sides, until every side that failed with it works again', () => {
  const first = suspect(NO_SUSPICIONS, 'read', 'wrong_url')
  const again = suspect(first.suspicions, 'read', 'wrong_url')
  const other = suspect(again.suspicions, 'write', 'wrong_url')
  expect([first.isNew, again.isNew, other.isNew]).toEqual([true, false, false])
  const half = clear(other.suspicions, 'read')
  expect(suspect(half, 'read', 'wrong_url').isNew).toBe(false)
  const whole = clear(half, 'write')
  expect(whole).toEqual(NO_SUSPICIONS)
  expect(suspect(whole, 'write', 'wrong_url').isNew).toBe(true)
})

test('codes are tracked separately', () => {
  const { suspicions } = suspect(NO_SUSPICIONS, 'write', 'wrong_url')
  expect(suspect(suspicions, 'write', 'bad_response').isNew).toBe(true)
  expect(clear(suspicions, 'read')).toEqual(suspicions)
})
