// Runs each fuzzer for a second or two with a fixed seed, and all inputs of the corpus.
import { expect, inject, test } from 'vitest'
import { isDeep } from '../../test/harness/deep.ts'
import { runCampaign } from './engine/campaign.ts'
import { readCorpus } from './engine/folders.ts'
import { openTarget, TARGET_NAMES, type TargetName } from './targets/index.ts'

/** The number of inputs, for less than a second per target. Deep runs use sixty times as many. */
const RUNS: Readonly<Record<TargetName, number>> = {
  updates: 30,
  snapshots: 250,
  state: 3_000,
  presence: 2_000,
  routes: 80,
  content: 100,
}
/** A larger share of inputs for the expensive oracles than in long runs, because there are few inputs. */
const THOROUGH_ONE_IN = 10
const scale = isDeep ? 60 : 1

test.each(TARGET_NAMES)('no input breaks %s', async (name) => {
  const target = await openTarget(name, { databaseUrl: inject('databaseUrl') })
  try {
    const corpus = readCorpus(name)
    const { failures, outcomes, runs } = await runCampaign({
      target,
      seed: 1,
      corpus,
      shouldContinue: (done) => done < corpus.length + RUNS[name] * scale,
      coverage: null,
      thoroughOneIn: THOROUGH_ONE_IN,
      shrinks: false,
    })
    expect(failures).toEqual([])
    expect(runs).toBe(corpus.length + RUNS[name] * scale)
    // A fuzzer whose inputs all have the same outcome tests nothing.
    if (name !== 'routes') expect(Object.keys(outcomes).length).toBeGreaterThan(1)
  } finally {
    await target.close?.()
  }
})
