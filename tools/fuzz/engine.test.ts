// Runs the engine on targets with a planted fault.
import { describe, expect, test } from 'vitest'
import { HELP, readArguments, UsageError } from './arguments.ts'
import { runCampaign } from './engine/campaign.ts'
import { Choices } from './engine/choices.ts'
import { Coverage } from './engine/coverage.ts'
import { Finding, type Json, type Target } from './engine/target.ts'
import { addUp, formatTotals, type TargetReport, totalsOf } from './report.ts'
import { THOROUGH_ONE_IN } from './targets/sampling.ts'

/** A target whose inputs are lists of numbers. A number of at least 700 breaks it. */
const planted: Target = {
  name: 'planted',
  generate: (choices) => choices.list(0, 40, () => choices.below(1_000)),
  run(input) {
    const large = (input as readonly number[]).find((value) => value >= 700)
    if (large !== undefined) throw new Finding('too large', `${large} is too large`)
    return 'fine'
  },
}

const campaign = (target: Target, seed: number, runs = 50, corpus: readonly Json[] = []) =>
  runCampaign({
    target,
    seed,
    corpus,
    shouldContinue: (done) => done < runs,
    coverage: null,
    shrinks: true,
  })

describe('a campaign', () => {
  test('finds a planted fault, shrinks its input, and counts the findings of its kind', async () => {
    const { failures, kinds } = await campaign(planted, 3)
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatchObject({ kind: 'too large', seed: 3 })
    const input = failures[0]?.input as readonly number[]
    expect(input).toHaveLength(1)
    expect(input[0]).toBeGreaterThanOrEqual(700)
    expect(kinds['too large']).toBeGreaterThan(1)
  })

  test('is equal for the same seed, and different for another seed', async () => {
    const inputs = async (seed: number) => {
      const seen: Json[] = []
      const noting = { ...planted, run: (input: Json) => String(seen.push(input)) }
      await campaign(noting, seed)
      return seen
    }
    expect(await inputs(1)).toEqual(await inputs(1))
    expect(await inputs(1)).not.toEqual(await inputs(2))
  })

  test('runs the expensive oracles on the corpus, and on a sample of the other inputs', async () => {
    const looks: boolean[] = []
    const sampled: Target = {
      ...planted,
      thoroughOneIn: 10,
      run: (_input, isThorough) => String(looks.push(isThorough)),
    }
    await campaign(sampled, 5, 1_002, [[1], [2]])
    expect(looks.slice(0, 2)).toEqual([true, true])
    const thorough = looks.slice(2).filter(Boolean).length
    expect(thorough).toBeGreaterThan(50)
    expect(thorough).toBeLessThan(200)
  })

  test('runs the expensive oracles on inputs that reached new code, and shrinks their findings', async () => {
    const deep: Target = {
      ...planted,
      thoroughOneIn: 1_000_000,
      run: (input, isThorough) => (isThorough ? planted.run(input, true) : 'fine'),
    }
    let looks = 0
    const { failures, runs } = await runCampaign({
      target: deep,
      seed: 3,
      corpus: [],
      shouldContinue: (done) => done < 40,
      coverage: { hasGrown: () => looks++ === 0 },
      shrinks: true,
    })
    expect(failures).toMatchObject([{ kind: 'too large' }])
    expect(failures[0]?.input).toHaveLength(1)
    expect(runs).toBe(40)
  })

  test('continues with the inputs that another campaign kept', async () => {
    const { kept } = await runCampaign({
      target: planted,
      seed: 3,
      corpus: [],
      shouldContinue: (done) => done < 40,
      coverage: { hasGrown: () => true },
      shrinks: false,
    })
    expect(kept.length).toBe(32)
    const inputs: Json[] = []
    const noting = { ...planted, run: (input: Json) => String(inputs.push(input)) }
    const from = async (some: typeof kept) => {
      inputs.length = 0
      const options = { target: noting, seed: 4, corpus: [], coverage: null, shrinks: false }
      await runCampaign({ ...options, kept: some, shouldContinue: (done) => done < 20 })
      return [...inputs]
    }
    expect(await from(kept)).not.toEqual(await from([]))
  })

  test('runs the inputs of the corpus first', async () => {
    const { failures, outcomes } = await campaign(planted, 1, 2, [[1, 999], [3]])
    expect(failures[0]).toMatchObject({ input: [1, 999], run: 1 })
    expect(outcomes).toEqual({ finding: 1, fine: 1 })
  })

  test('reports an unexpected error as a finding, and names the code that threw it', async () => {
    const { failures } = await campaign({ ...planted, run: () => JSON.parse('{') as string }, 1, 1)
    expect(failures[0]?.kind).toMatch(/^throws SyntaxError in /)
  })
})

test('a replay returns the recorded choices, and then always the first alternative', () => {
  const first = Choices.random(7)
  const drawn = Array.from({ length: 20 }, () => first.below(100))
  const again = Choices.replay(first.taken)
  expect(Array.from({ length: 20 }, () => again.below(100))).toEqual(drawn)
  expect([again.below(100), again.pick(['a', 'b']), again.oneIn(2)]).toEqual([0, 'a', false])
})

test('coverage grows exactly when code is reached for the first time', async () => {
  const { encodeFoldProposal } = await import('y-electric/protocol')
  const coverage = new Coverage()
  try {
    coverage.hasGrown()
    expect(coverage.hasGrown()).toBe(false)
    encodeFoldProposal({ throughSegment: 1, data: new Uint8Array([1]) })
    expect(coverage.hasGrown()).toBe(true)
    encodeFoldProposal({ throughSegment: 2, data: new Uint8Array([2]) })
    expect(coverage.hasGrown()).toBe(false)
  } finally {
    coverage.close()
  }
})

test('the report adds up the targets, and the processes of a target', () => {
  const report = {
    seed: 1,
    seconds: 1.25,
    processorSeconds: 1,
    outcomes: {},
    blocks: 1,
    figures: {},
  }
  const finding = { kind: 'k', message: 'm', file: 'f', times: 3 }
  const reports: TargetReport[] = [
    { ...report, target: 'state', runs: 1_500, findings: [] },
    { ...report, target: 'routes', runs: 250, findings: [finding] },
  ]
  expect(totalsOf(reports)).toEqual({ inputs: 1_750, findings: 1, seconds: 2.5 })
  expect(formatTotals(totalsOf(reports))).toBe('total: 1,750 inputs in 2.5 s, 1 findings')
  expect(
    addUp({ accepted: 2, 'slowest ms': '7 (a)' }, { accepted: 3, 'slowest ms': '5 (b)', new: 1 }),
  ).toEqual({ accepted: 5, 'slowest ms': '5 (b)', new: 1 })
})

describe('the command', () => {
  test('reads a target, a time, a seed and a number of inputs', () => {
    expect(readArguments(['--target', 'updates', '--minutes', '2', '--seed', '9'])).toMatchObject({
      targets: ['updates'],
      milliseconds: 120_000,
      seed: 9,
      runs: Number.POSITIVE_INFINITY,
    })
    expect(readArguments(['--target', 'state', '--runs', '5', '--json'])).toMatchObject({
      milliseconds: Number.POSITIVE_INFINITY,
      runs: 5,
      json: true,
    })
    expect(readArguments(['--help'])).toBeNull()
    expect(HELP).toContain('updates, snapshots, state, presence, routes, content')
    expect(HELP).toContain(`one accepted input in ${THOROUGH_ONE_IN.updates}`)
  })

  test.each([
    [[], '--target is missing'],
    [['--target', 'x'], 'there is no target "x"'],
    [['--target', 'state', '--minutes', 'x'], '--minutes takes a number, not "x"'],
    [['--verbose'], "Unknown option '--verbose'"],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(UsageError)
    expect(() => readArguments(args)).toThrow(message)
  })
})
