import { pickBelow, seededRandom } from '../../../test/harness/random.ts'
import { Choices } from './choices.ts'
import type { Coverage } from './coverage.ts'
import { mutateChoices } from './mutate.ts'
import { shrinkChoices } from './shrink.ts'
import { asFinding, Finding, type Json, type Target } from './target.ts'

/**
 * How many inputs run between two looks at the coverage. A look takes a millisecond or some; so a look that
 * finds nothing new makes the next batch twice as large, and one that does begins again with the least.
 */
const BATCH = { least: 32, most: 2_048 } as const
/** How many inputs of a batch that reached new code are kept, and run again with the expensive oracles. */
const KEPT_OF_BATCH = 32
/** How many inputs run between two turns of the timers and messages of this process. */
const TURN = 64
/** How many inputs that reached new code are kept for changing. */
const MAX_KEPT = 2_000
/** After this many findings of one kind, the others are only counted. */
const MAX_PER_KIND = 1

/**
 * An input that does nothing and does not end is waited for so many seconds. They are counted one by one, so
 * that a process that gets no processor time for a while waits longer.
 */
const SETTLE_SECONDS = 60

/** @throws {Finding} when a result does not come */
async function settled<T>(result: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    let seconds = 0
    timer = setInterval(() => {
      if (++seconds < SETTLE_SECONDS) return
      reject(new Finding('never ends', `the result does not come within ${SETTLE_SECONDS} s`))
    }, 1_000)
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearInterval(timer)
  }
}

/** A broken rule, and the smallest input found that breaks it. */
export interface Failure {
  readonly kind: string
  readonly message: string
  readonly input: Json
  /** Where the run was. */
  readonly seed: number
  readonly run: number
}

export interface CampaignOptions {
  readonly target: Target
  readonly seed: number
  /** Inputs of the repository, which run first and are changed later. */
  readonly corpus: readonly Json[]
  /** Whether to go on after so many inputs. */
  readonly goesOn: (runs: number) => boolean
  /** Coverage guides the choice of inputs; null leaves it to chance. */
  readonly coverage: Pick<Coverage, 'hasGrown'> | null
  /** Choices that an earlier campaign kept, to be changed. */
  readonly kept?: readonly Kept[]
  /** Another share for the expensive oracles than the target's own. */
  readonly thoroughOneIn?: number
  /** Called before each input runs, so that it is known if it never ends. */
  readonly onInput?: (input: Json) => void
  readonly onFailure?: (failure: Failure) => void
  /** Whether findings are shrunk. */
  readonly shrinks: boolean
}

/** The choices of an input that reached new code, or of one that ran beside it. */
export type Kept = readonly number[]

export interface CampaignResult {
  readonly kept: readonly Kept[]
  readonly runs: number
  /** How often inputs ended in which way. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly failures: readonly Failure[]
  /** How often each rule was broken. */
  readonly kinds: Readonly<Record<string, number>>
}

/** Runs inputs of a target, one after the other, and gathers what breaks a rule. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { target, seed, corpus, goesOn, coverage, onInput = () => {} } = options
  const { thoroughOneIn = target.thoroughOneIn ?? 1 } = options
  const random = seededRandom(seed)
  const outcomes: Record<string, number> = {}
  const kinds: Record<string, number> = {}
  const failures: Failure[] = []
  const kept: Kept[] = [...(options.kept ?? [])]
  let batch: Tried[] = []
  let batchSize: number = BATCH.least
  let runs = 0

  const tryInput = async (input: Json, isThorough: boolean): Promise<Ended> => {
    try {
      onInput(input)
      const result = target.run(input, isThorough)
      // Most targets answer at once, and then nothing is waited for.
      const outcome = result instanceof Promise ? await settled(result) : result
      return { outcome, finding: null }
    } catch (error) {
      return { outcome: 'finding', finding: asFinding(error) }
    }
  }
  const inputOf = (choices: readonly number[]): Json =>
    target.generate(Choices.replay(choices), corpus)
  const shrink = async ({ choices, isThorough }: Tried, kind: string): Promise<Json> => {
    const smallest = await shrinkChoices(
      choices,
      async (some) => (await tryInput(inputOf(some), isThorough)).finding?.kind === kind,
    )
    return inputOf(smallest)
  }
  const note = async (finding: Finding, input: Json, tried: Tried | null): Promise<void> => {
    const { kind, message } = finding
    kinds[kind] = (kinds[kind] ?? 0) + 1
    if (kinds[kind] > MAX_PER_KIND) return
    const small = tried !== null && options.shrinks ? await shrink(tried, kind) : input
    const failure = { kind, message, input: small, seed, run: runs }
    failures.push(failure)
    options.onFailure?.(failure)
  }
  const runInput = async (input: Json, tried: Tried | null): Promise<void> => {
    runs++
    const { outcome, finding } = await tryInput(input, tried?.isThorough ?? true)
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    if (finding !== null) await note(finding, input, tried)
  }
  /** Some of a batch that reached new code: nobody knows which of them did. */
  const keepSome = async (all: readonly Tried[]): Promise<void> => {
    const step = Math.max(1, Math.floor(all.length / KEPT_OF_BATCH))
    for (const tried of all.filter((_, index) => index % step === 0)) {
      kept.push(tried.choices)
      // Inputs that each take long must not carry the campaign past its end.
      if (tried.isThorough || !goesOn(runs)) continue
      const input = inputOf(tried.choices)
      const { finding } = await tryInput(input, true)
      if (finding !== null) await note(finding, input, { ...tried, isThorough: true })
    }
    while (kept.length > MAX_KEPT) kept.splice(pickBelow(random, kept.length), 1)
  }

  for (const input of corpus) await runInput(input, null)
  while (goesOn(runs)) {
    const base = kept[pickBelow(random, kept.length + 1)]
    const other = kept[pickBelow(random, kept.length + 1)] ?? []
    const given = base === undefined ? [] : mutateChoices(base, other, random)
    const choices = Choices.random(Math.floor(random() * 2 ** 32), given)
    const input = target.generate(choices, corpus)
    const isThorough = pickBelow(random, thoroughOneIn) === 0
    const tried = { choices: choices.taken, isThorough }
    await runInput(input, tried)
    if (runs % TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    if (coverage === null) continue
    batch.push(tried)
    if (batch.length < batchSize) continue
    if (coverage.hasGrown()) {
      await keepSome(batch)
      // What the expensive oracles alone reach says nothing about the next inputs.
      coverage.hasGrown()
      batchSize = BATCH.least
    } else batchSize = Math.min(BATCH.most, batchSize * 2)
    batch = []
  }
  return { runs, outcomes, failures, kinds, kept }
}

/** What a generated input was made of, and how it was looked at. */
interface Tried {
  readonly choices: readonly number[]
  readonly isThorough: boolean
}

interface Ended {
  readonly outcome: string
  readonly finding: Finding | null
}
