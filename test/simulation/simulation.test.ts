// The simulator itself: many runs keep every rule, a seed tells the same story twice, and a failing run shrinks.
//
//   npm run simulate -- --seed S --runs N --minutes M    more runs, or one run again
import { afterAll, expect, test } from 'vitest'
import { noteFigure } from '../harness/figures.ts'
import { campaign } from './campaign.ts'
import { PLANTS } from './plants/index.ts'
import { report } from './report.ts'
import { planOf, run } from './run.ts'
import { shrink } from './shrink.ts'

const isDeep = process.env.Y_ELECTRIC_DEEP === '1'
const chosenSeed = process.env.Y_ELECTRIC_SEED
/** The default budget, and the deep one: whichever is used up first. */
const BUDGET = isDeep
  ? { runs: Number(process.env.Y_ELECTRIC_RUNS ?? 1_000_000), ms: 3_600_000 }
  : { runs: Number.POSITIVE_INFINITY, ms: 20_000 }
/** Budgets are processor time, of which a busy machine gives little. */
const TIMEOUT_MS = isDeep ? 6 * 3_600_000 : 600_000

test(
  'every rule of SPEC.md that a run can break holds in all runs',
  async () => {
    const seed = chosenSeed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(chosenSeed)
    const { runs, ms, failed } = await campaign({ seed, ...BUDGET })
    if (failed !== null) throw new Error(report((await shrink(failed)).outcome))
    await noteFigure('simulated runs', `${runs}, ${Math.round((runs / ms) * 60_000)} a minute`)
    expect(runs).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)

test('the same seed is the same run, byte for byte', { timeout: TIMEOUT_MS }, async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [one, other] = [await run(planOf(seed)), await run(planOf(seed))]
    expect(other.trace).toEqual(one.trace)
    expect(other.hash).toBe(one.hash)
  }
})

test('a failing run shrinks to a few steps that break the same rule', {
  timeout: TIMEOUT_MS,
}, async () => {
  const plant = PLANTS.find(({ name }) => name === 'a write is acked and never stored')
  const { failed } = await campaign({ seed: 1, runs: 50, ms: 20_000, plant })
  if (failed === null) throw new Error('no run failed')
  const { outcome } = await shrink(failed, plant)
  expect(outcome.rule).toBe(failed.rule)
  expect(outcome.plan.steps.length).toBeLessThanOrEqual(3)
  expect(report(outcome)).toContain(`breaks ${failed.rule}`)
})

/** A run with a fault must fail within this many runs and this processor time. */
const MOST_RUNS = 400
const MOST_MS = 20_000
let caught = 0
afterAll(() => noteFigure('planted faults caught', `${caught} of ${PLANTS.length}`))

test.each(PLANTS)('a planted fault is caught: $name', { timeout: TIMEOUT_MS }, async (plant) => {
  const { failed, runs } = await campaign({ seed: 1, runs: MOST_RUNS, ms: MOST_MS, plant })
  if (failed === null) throw new Error(`${runs} runs did not catch it`)
  if (failed.rule === 'error') throw failed.error
  caught += 1
})
