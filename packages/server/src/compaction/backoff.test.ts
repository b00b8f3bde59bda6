import { describe, expect, test } from 'vitest'
import { MAX_BACKOFF_MS, ProposerBackoff } from './backoff.ts'

describe('the back-off of a proposer', () => {
  test('does not begin while the failures together take less than the tolerance', () => {
    const backoff = new ProposerBackoff(1_000)
    for (let i = 0; i < 10; i++) backoff.failed('ada', 100, i)
    expect(backoff.waitMs('ada', 10)).toBe(0)
    backoff.failed('ada', 1, 10)
    expect(backoff.waitMs('ada', 10)).toBeGreaterThan(0)
  })

  test('is as long as the failures took, and doubles with each further failure', () => {
    const backoff = new ProposerBackoff(1_000)
    backoff.failed('ada', 5_000, 0)
    expect(backoff.waitMs('ada', 0)).toBe(5_000)
    expect(backoff.waitMs('ada', 4_999)).toBe(1)
    expect(backoff.waitMs('ada', 5_000)).toBe(0)
    backoff.failed('ada', 5_000, 5_000)
    expect(backoff.waitMs('ada', 5_000)).toBe(20_000)
  })

  test('has a longest wait and ends with a success', () => {
    const backoff = new ProposerBackoff(1)
    for (let i = 0; i < 50; i++) backoff.failed('ada', 60_000, 0)
    expect(backoff.waitMs('ada', 0)).toBe(MAX_BACKOFF_MS)
    backoff.succeeded('ada')
    expect(backoff.waitMs('ada', 0)).toBe(0)
  })

  test('is separate for each proposer', () => {
    const backoff = new ProposerBackoff(1)
    backoff.failed('ada', 60_000, 0)
    expect(backoff.waitMs('ben', 0)).toBe(0)
  })

  test('is forgotten for the proposers that failed first when there are too many to remember', () => {
    const backoff = new ProposerBackoff(1)
    for (let i = 0; i <= 10_000; i++) backoff.failed(`proposer ${i}`, 60_000, 0)
    expect(backoff.waitMs('proposer 0', 0)).toBe(0)
    expect(backoff.waitMs('proposer 10000', 0)).toBe(60_000)
  })
})
