import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDeep } from '../../../../test/harness/deep.ts'
import { electionSlot, randomSlot } from './election.ts'

const clients = (count: number): number[] =>
  // Client ids as Yjs generates them: any 32-bit number.
  Array.from({ length: count }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0)

const slots = (peers: readonly number[], interval: number, docId = 'doc'): number[] =>
  peers.map((self) => electionSlot({ docId, interval, self, peers }))

/**
 * The deviation of the counts from uniform, in standard deviations of the chi-square distribution.
 */
function chiSquareDeviation(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  const degrees = counts.length - 1
  return (chiSquare - degrees) / Math.sqrt(2 * degrees)
}

describe('with known peers', () => {
  test('clients that know the same peers get different slots, from 0 on without a gap', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 50 }),
        fc.nat(),
        fc.string(),
        (peers, interval, docId) => {
          const drawn = slots(peers, interval, docId).sort((a, b) => a - b)
          expect(drawn).toEqual(peers.map((_, i) => i))
        },
      ),
    )
  })

  test('the order of the peers, repeats and whether the list contains the client itself do not matter', () => {
    const peers = clients(10)
    const about = { docId: 'doc', interval: 7, self: peers[3] ?? 0 }
    const slot = electionSlot({ ...about, peers })
    expect(electionSlot({ ...about, peers: [...peers, ...peers].reverse() })).toBe(slot)
    expect(electionSlot({ ...about, peers: peers.filter((peer) => peer !== about.self) })).toBe(
      slot,
    )
    expect(electionSlot({ ...about, peers: [] })).toBe(0)
  })

  test.each([
    [2, 1_000],
    [10, 1_000],
    [100, 1_000],
    [1_000, isDeep ? 3_000 : 300],
  ])('each of %i clients wins as often as the others over %i intervals', (count, intervals) => {
    const peers = clients(count)
    // Of a thousand clients most never win, so they are counted in ten groups.
    const wins: number[] = Array.from({ length: Math.min(count, 10) }, () => 0)
    for (let interval = 0; interval < intervals; interval++) {
      const winner = peers.findIndex((self) => isFirst(self, peers, interval))
      const group = winner % wins.length
      wins[group] = (wins[group] ?? 0) + 1
    }
    expect(wins.reduce((sum, won) => sum + won)).toBe(intervals)
    expect(Math.abs(chiSquareDeviation(wins))).toBeLessThan(3)
  })

  test('the winner of one interval is not more likely than others to win the next one', () => {
    const peers = clients(10)
    let repeats = 0
    for (let interval = 0; interval < 2_000; interval++) {
      if (slots(peers, interval).indexOf(0) === slots(peers, interval + 1).indexOf(0)) repeats++
    }
    expect(repeats).toBeGreaterThan(140)
    expect(repeats).toBeLessThan(260)
  })

  test('two documents have different orders', () => {
    const peers = clients(20)
    expect(slots(peers, 1, 'one')).not.toEqual(slots(peers, 1, 'two'))
  })
})

/** True if the client has slot 0. Stops as soon as a peer ranks before it. */
function isFirst(self: number, peers: readonly number[], interval: number): boolean {
  for (let from = 0; from < peers.length; from += 8) {
    const some = peers.slice(from, from + 8)
    if (electionSlot({ docId: 'doc', interval, self, peers: some }) > 0) return false
  }
  return true
}

describe('with unknown peers', () => {
  test('every slot is within the range', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const slot = randomSlot(random, 16)
        expect(Number.isInteger(slot) && slot >= 0 && slot < 16).toBe(true)
      }),
    )
  })

  test('a single client mostly waits, and of a thousand clients a few come first', () => {
    const draw = (count: number) =>
      Array.from({ length: count }, (_, i) => randomSlot((i + 0.5) / count, 16))
    const firsts = draw(1_000).filter((slot) => slot === Math.min(...draw(1_000)))
    expect(firsts.length).toBeLessThan(10)
    expect(draw(100).filter((slot) => slot >= 12).length).toBeGreaterThan(80)
  })
})
