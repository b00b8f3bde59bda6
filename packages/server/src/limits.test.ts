import { expect, test } from 'vitest'
import { DEFAULT_LIMITS, withDefaults } from './limits.ts'

test('by default one user alone leaves room in a document, and on a server, for others', () => {
  const { maxUserPresenceRows, maxDocumentPresenceRows, maxTotalPresenceRows } = DEFAULT_LIMITS
  const { maxUserStreams, maxDocumentStreams, maxTotalStreams } = DEFAULT_LIMITS
  expect(2 * maxUserPresenceRows).toBeLessThanOrEqual(maxDocumentPresenceRows)
  expect(2 * maxUserPresenceRows).toBeLessThanOrEqual(maxTotalPresenceRows)
  expect(2 * maxUserStreams).toBeLessThanOrEqual(maxDocumentStreams)
  expect(2 * maxUserStreams).toBeLessThanOrEqual(maxTotalStreams)
})

test('only limits that 0 switches off may be 0', () => {
  expect(withDefaults({ maxAbandonedRestMs: 0 }).maxAbandonedRestMs).toBe(0)
  expect(() => withDefaults({ foldYieldMs: 0 })).toThrow('foldYieldMs must be a positive number')
})
