import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Positions } from './positions.ts'

/**
 * The xids of transactions in commit order; up to `open` of them run at once and commit in any
 * order.
 */
const commits = fc
  .tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.array(fc.nat(), { minLength: 1, maxLength: 200 }),
    fc.integer({ min: 3, max: 2 ** 37 }),
  )
  .map(([open, picks, first]) => {
    const running: number[] = []
    let next = first
    return picks.map((pick) => {
      while (running.length < open) running.push(next++)
      const [xid] = running.splice(pick % running.length, 1)
      return { xid: xid ?? 0, nextXid: next }
    })
  })

test('a listener that starts later gives the same numbers, which rise by at least two', () => {
  fc.assert(
    fc.property(commits, fc.nat(), (heard, start) => {
      const first = new Positions(heard[0]?.xid ?? 0)
      const late = start % heard.length
      // Above all transactions that ended before; one that is still open may have a lower xid.
      const ended = heard.slice(0, late).map(({ xid }) => xid)
      const second = new Positions(Math.max(heard[0]?.xid ?? 0, ...ended.map((xid) => xid + 1)))
      const numbers: number[] = []
      heard.forEach(({ xid }, i) => {
        numbers.push(first.next(xid))
        if (i < late) return
        second.next(xid)
        if (second.isExact && first.isExact) expect(second.last).toBe(first.last)
        else if (first.isExact) expect(second.last).toBeGreaterThanOrEqual(first.last)
      })
      for (const [i, number] of numbers.entries()) {
        expect(Number.isSafeInteger(number)).toBe(true)
        if (i > 0) expect(number).toBeGreaterThanOrEqual((numbers[i - 1] ?? 0) + 2)
      }
    }),
  )
})

test('the numbers are exact after a transaction that overlaps no other', () => {
  const positions = new Positions(1_000)
  expect(positions.isExact).toBe(false)
  positions.next(998)
  expect(positions.isExact).toBe(false)
  positions.next(1_000)
  expect(positions.isExact).toBe(true)
  expect(positions.last).toBe(1_000 * 2 ** 15)
})
