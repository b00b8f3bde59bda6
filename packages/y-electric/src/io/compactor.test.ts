import { describe, expect, test } from 'vitest'
import { type Counts, Crowd, type CrowdOptions } from './testing/compactors.ts'

const isDeep = process.env.Y_ELECTRIC_DEEP === '1'
const SEED = 1

/** Enough rows for a roll, in each of many intervals. */
async function busyIntervals(options: CrowdOptions, intervals: number) {
  const crowd = new Crowd(options)
  const counted: Counts[] = []
  await crowd.interval()
  for (let i = 0; i < intervals; i++) {
    crowd.write(300)
    counted.push(await crowd.interval())
  }
  return { crowd, counted }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

function summary(counted: readonly Counts[]) {
  const attempts = counted.map(({ rolls, states, folds }) => rolls + states + folds)
  return {
    done: mean(counted.map(({ rolls, conflicts }) => (rolls - conflicts > 0 ? 1 : 0))),
    rolls: mean(counted.map(({ rolls }) => rolls)),
    states: mean(counted.map(({ states }) => states)),
    mean: mean(attempts),
    worst: Math.max(...attempts),
  }
}

/** `[clients, intervals]`; a thousand clients take their time. */
const SIZES: readonly (readonly [number, number])[] = isDeep
  ? [
      [1, 1_000],
      [2, 1_000],
      [10, 1_000],
      [100, 1_000],
      [1_000, 100],
    ]
  : [
      [1, 100],
      [2, 100],
      [10, 60],
      [100, 10],
    ]

describe.each([
  ['known', undefined],
  ['unknown', () => null],
] as const)('in each busy interval somebody compacts, with peers %s', (name, peersOf) => {
  test.each(SIZES)('of %i clients', async (count, intervals) => {
    const { crowd, counted } = await busyIntervals(
      { count, seed: SEED, ...(peersOf === undefined ? {} : { peersOf }) },
      intervals,
    )
    const { done, rolls, states, mean: attempts, worst } = summary(counted)
    console.log(
      `${count} clients, peers ${name}: done ${(100 * done).toFixed(1)} %, requests an interval: ` +
        `mean ${attempts.toFixed(1)}, worst ${worst} (rolls ${rolls.toFixed(2)}, states ${states.toFixed(2)})`,
    )
    expect(done).toBe(1)
    expect(crowd.sealedWaiting).toBe(0)
  })
})
