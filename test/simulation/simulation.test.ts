// The simulator: many runs keep every rule, a seed gives the same trace twice, a failing run shrinks, and each
// planted fault is caught.
//
//   npm run simulate -- --seed S --runs N --minutes M    more runs, or one run again
//   npm run simulate -- --record                         finds the runs in which planted faults are caught
import { expect, test } from 'vitest'
import { isDeep } from '../harness/deep.ts'
import { noteFigure } from '../harness/figures.ts'
import { notingSteps } from './browsers/program.ts'
import { campaign } from './campaign.ts'
import { TransitionCoverage } from './coverage.ts'
import { campaignInJobs } from './jobs.ts'
import { type Catch, readCatches } from './plants/caught.ts'
import { PLANTS } from './plants/index.ts'
import { report } from './report.ts'
import { planOf, run } from './run.ts'
import { shrink } from './shrink.ts'

const chosenSeed = process.env.Y_ELECTRIC_SEED
const anySeed = () => Math.floor(Math.random() * 2 ** 31)
/**
 * Default runs always use the same seeds, so that only a change makes them fail. A deep test uses new seeds
 * each time.
 */
const SEED = chosenSeed === undefined ? (isDeep ? anySeed() : 1) : Number(chosenSeed)
/**
 * The time of a deep run of this test is limited, because all other deep tests run too; `npm run simulate --
 * --minutes M` has no such limit. This is processor time, so a run takes longer on a busy machine.
 */
const BUDGET = isDeep
  ? { runs: Number(process.env.Y_ELECTRIC_RUNS ?? 5_000), ms: 300_000 }
  : { runs: 40, ms: Number.POSITIVE_INFINITY }
const TIMEOUT_MS = isDeep ? 1_800_000 : 600_000

test(
  'every rule of SPEC.md that a run can break holds in all runs',
  async () => {
    const coverage = new TransitionCoverage()
    const plant = await notingSteps(coverage.note)
    const { runs, ms, failed } = await campaign({ seed: SEED, ...BUDGET, plant })
    if (failed !== null) throw new Error(report((await shrink(failed)).outcome))
    const perMinute = Math.round((runs / ms) * 60_000)
    await noteFigure(
      'simulated runs',
      `${runs}, ${perMinute} a minute of processor time, ${Math.round(ms / runs)} ms each`,
    )
    const { table, seen } = coverage.compared()
    await noteFigure(
      'coverage of the transition table by simulated runs',
      `${seen} of ${table} pairs of a part's state and a kind of event`,
    )
    expect(runs).toBeGreaterThan(0)
    expect(seen).toBeGreaterThan(table / 3)
  },
  TIMEOUT_MS,
)

test('the same seed gives the same run, byte for byte', { timeout: TIMEOUT_MS }, async () => {
  for (const seed of [1, 2, 3]) {
    const [one, other] = [await run(planOf(seed)), await run(planOf(seed))]
    expect(other.trace).toEqual(one.trace)
    expect(other.hash).toBe(one.hash)
  }
})

const catches = Object.entries(readCatches())
/** A default run takes every second fault: each costs as much as a simulated run. */
const tried = isDeep ? catches : catches.filter((_, i) => i % 2 === 0)
const plantOf = (name: string) => PLANTS.find((plant) => plant.name === name)

test('a failing run shrinks to a few steps that break the same rule', {
  timeout: TIMEOUT_MS,
}, async () => {
  const name = 'a write is acked before its commit'
  const plant = plantOf(name)
  const failed = await run(planOf(readCatches()[name]?.seed ?? 1, plant), plant)
  const { outcome } = await shrink(failed, plant)
  expect(outcome.rule).toBe(failed.rule)
  expect(outcome.plan.steps.length).toBeLessThanOrEqual(3)
  expect(report(outcome)).toContain(`breaks ${failed.rule}`)
})

test('every planted fault has a recorded run that catches it', async () => {
  const planted = PLANTS.map(({ name }) => name)
  await noteFigure('planted faults tried', `${tried.length} of ${planted.length}`)
  expect(tried.length).toBeGreaterThanOrEqual(40)
  expect(catches.map(([name]) => name).sort()).toEqual([...planted].sort())
})

test('a run that schedules more tasks than the limit fails, and its report names the seed', async () => {
  const outcome = await run(planOf(SEED), undefined, 50)
  expect(outcome.rule).toBe('LIVELOCK')
  expect(report(outcome)).toContain(`again: npm run simulate -- --seed ${SEED} --runs 1`)
})

test('the command names the seed of a run before the run begins', async () => {
  const begun: number[] = []
  await campaign({
    seed: 4,
    runs: 2,
    ms: Number.POSITIVE_INFINITY,
    onBegin: (seed) => begun.push(seed),
  })
  expect(begun).toEqual([4, 5])
})

test.skipIf(!isDeep)(
  'a campaign in several processes reports the lowest seed that fails, as one process does',
  { timeout: TIMEOUT_MS },
  async () => {
    const plant = plantOf('a fold deletes the text')
    const budget = { seed: 1, runs: 12, ms: Number.MAX_SAFE_INTEGER, plant }
    const [one, other] = [await campaignInJobs(budget, 1), await campaignInJobs(budget, 3)]
    expect(one.failed).not.toBeNull()
    expect(other.failed?.plan.profile.seed).toBe(one.failed?.plan.profile.seed)
    expect(other.failed?.hash).toBe(one.failed?.hash)
  },
)

test.each(tried)(
  'the checks catch a planted fault in its run: %s',
  {
    timeout: TIMEOUT_MS,
  },
  async (name: string, { seed, rule }: Catch) => {
    const plant = plantOf(name)
    const { rule: broken, error } = await run(planOf(seed, plant), plant)
    const again = 'the run has changed; `npm run simulate -- --record` looks for one that fails'
    expect(broken, `${error?.message ?? 'every rule held'} (${again})`).toBe(rule)
  },
)
