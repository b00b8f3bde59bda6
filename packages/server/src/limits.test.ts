import { expect, test } from 'vitest'
import { DEFAULT_LIMITS, withDefaults } from './limits.ts'

test('by default, a single user leaves room for others in a document and on a server', () => {
  const { maxUserPresenceRows, maxDocumentPresenceRows, maxTotalPresenceRows } = DEFAULT_LIMITS
  const { maxUserStreams, maxDocumentStreams, maxTotalStreams } = DEFAULT_LIMITS
  expect(2 * maxUserPresenceRows).toBeLessThanOrEqual(maxDocumentPresenceRows)
  expect(2 * maxUserPresenceRows).toBeLessThanOrEqual(maxTotalPresenceRows)
  expect(2 * maxUserStreams).toBeLessThanOrEqual(maxDocumentStreams)
  expect(2 * maxUserStreams).toBeLessThanOrEqual(maxTotalStreams)
})

test('only limits that can be switched off may be 0', () => {
  expect(withDefaults({ maxAbandonedRestMs: 0 }).maxAbandonedRestMs).toBe(0)
  expect(() => withDefaults({ foldYieldMs: 0 })).toThrow('foldYieldMs must be a positive number')
})
