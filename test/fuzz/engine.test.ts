// The engine against targets with a planted fault.
import { describe, expect, test } from 'vitest'
import { HELP, readArguments, UsageError } from './arguments.ts'
import { runCampaign } from './engine/campaign.ts'
import { Choices } from './engine/choices.ts'
import { Coverage } from './engine/coverage.ts'
import { Finding, type Json, type Target } from './engine/target.ts'

/** Lists of numbers; it breaks at a list that holds a number of at least 700. */
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
    goesOn: (done) => done < runs,
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

  test('is the same for the same seed, and another for another one', async () => {
    const inputs = async (seed: number) => {
      const seen: Json[] = []
      const noting = { ...planted, run: (input: Json) => String(seen.push(input)) }
      await campaign(noting, seed)
      return seen
    }
    expect(await inputs(1)).toEqual(await inputs(1))
    expect(await inputs(1)).not.toEqual(await inputs(2))
  })

  test('runs the inputs of the corpus first', async () => {
    const { failures, outcomes } = await campaign(planted, 1, 2, [[1, 999], [3]])
    expect(failures[0]).toMatchObject({ input: [1, 999], run: 1 })
    expect(outcomes).toEqual({ finding: 1, fine: 1 })
  })

  test('takes an unexpected error for a finding, named by where it was thrown', async () => {
    const { failures } = await campaign({ ...planted, run: () => JSON.parse('{') as string }, 1, 1)
    expect(failures[0]?.kind).toMatch(/^throws SyntaxError in /)
  })
})

test('choices are the same when they are replayed, and the first alternative after their end', () => {
  const first = Choices.random(7)
  const drawn = Array.from({ length: 20 }, () => first.below(100))
  const again = Choices.replay(first.taken)
  expect(Array.from({ length: 20 }, () => again.below(100))).toEqual(drawn)
  expect([again.below(100), again.pick(['a', 'b']), again.oneIn(2)]).toEqual([0, 'a', false])
})

test('coverage grows with code that is reached for the first time, and only then', async () => {
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
