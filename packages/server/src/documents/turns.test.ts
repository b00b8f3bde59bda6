import type pg from 'pg'
import { describe, expect, test } from 'vitest'
import { type TurnLimits, inTurn as takeTurn } from './turns.ts'

/** Turns go by pool; what it is does not matter. */
const aPool = () => ({}) as pg.Pool

const LIMITS: TurnLimits = { atOnce: 2, perAsker: 2, maxWaiting: 10, retryAfterSeconds: 3 }

const inTurn = <T>(pool: pg.Pool, atOnce: number, work: () => Promise<T>) =>
  takeTurn(pool, 'inspection', {}, { ...LIMITS, atOnce, perAsker: atOnce }, work)

describe('taking turns', () => {
  test('so many are at work at once, in the order in which they came, also when one fails', async () => {
    const pool = aPool()
    const started: number[] = []
    const ends: (() => void)[] = []
    const works = [0, 1, 2, 3].map((number) =>
      inTurn(pool, 2, async () => {
        started.push(number)
        await new Promise<void>((resolve) => {
          ends[number] = resolve
        })
        if (number === 0) throw new Error('failed')
        return number
      }),
    )
    works[0]?.catch(() => {})
    expect(started).toEqual([0, 1])
    ends[0]?.()
    await expect(works[0]).rejects.toThrow('failed')
    await Promise.resolve()
    expect(started).toEqual([0, 1, 2])
    ends[1]?.()
    expect(await works[1]).toBe(1)
    await Promise.resolve()
    expect(started).toEqual([0, 1, 2, 3])
    ends[2]?.()
    ends[3]?.()
    expect(await Promise.all(works.slice(2))).toEqual([2, 3])
    // All turns were given back.
    expect(await inTurn(pool, 1, async () => 'free')).toBe('free')
  })

  test('one pool does not wait for another', async () => {
    let end = () => {}
    const slow = inTurn(aPool(), 1, () => new Promise<void>((resolve) => (end = resolve)))
    expect(await inTurn(aPool(), 1, async () => 'at once')).toBe('at once')
    end()
    await slow
  })
})
