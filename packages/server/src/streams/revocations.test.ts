import type pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DEFAULT_LIMITS } from '../limits.ts'
import { StreamRegistry } from './registry.ts'
import { createRevocations } from './revocations.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Revocations that count how often they start and stop listening. No test revokes anything. */
function listeningRevocations() {
  const counts = { begun: 0, ended: 0 }
  const registry = new StreamRegistry({ limits: DEFAULT_LIMITS, onActive: () => {} })
  const revocations = createRevocations({} as pg.Pool, registry, async () => {
    counts.begun++
    return async () => {
      counts.ended++
    }
  })
  return { counts, revocations }
}

test('a reader that polls does not make the server start listening for each poll', async () => {
  const { counts, revocations } = listeningRevocations()
  for (let polls = 0; polls < 10; polls++) {
    revocations.setActive(true)
    await vi.advanceTimersByTimeAsync(20_000)
    revocations.setActive(false)
    await vi.advanceTimersByTimeAsync(500)
  }
  expect(counts).toEqual({ begun: 1, ended: 0 })
})

test('the server stops listening some time after its last stream has closed, and listens again for the next', async () => {
  const { counts, revocations } = listeningRevocations()
  revocations.setActive(true)
  await vi.advanceTimersByTimeAsync(0)
  revocations.setActive(false)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(counts).toEqual({ begun: 1, ended: 1 })
  revocations.setActive(true)
  await vi.advanceTimersByTimeAsync(0)
  expect(counts).toEqual({ begun: 2, ended: 1 })
})
