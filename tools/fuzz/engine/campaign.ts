import { pickBelow, seededRandom } from '../../../test/harness/random.ts'
import { Choices } from './choices.ts'
import type { Coverage } from './coverage.ts'
import { mutateChoices } from './mutate.ts'
import { shrinkChoices } from './shrink.ts'
import { asFinding, Finding, type Json, type Target } from './target.ts'

/**
 * The number of inputs between two reads of the coverage. A read takes about a millisecond. So a read without
 * new code doubles the next batch, and a read with new code resets it to the smallest size.
 */
const BATCH = { least: 32, most: 2_048 } as const
/** The number of inputs of a batch with new code that are kept, and run again with the expensive oracles. */
const KEPT_OF_BATCH = 32
/** The number of inputs between two pauses in which timers and messages of this process are handled. */
const INPUTS_PER_PAUSE = 64
/** The most inputs with new code that are kept for mutation. */
const MAX_KEPT = 2_000
/** The number of findings of one kind after which further ones are only counted. */
const MAX_PER_KIND = 1

/**
 * The seconds to wait for an input that does nothing and does not end. The process counts them one by one, so
 * that it waits longer if it gets no processor time.
 */
const SETTLE_SECONDS = 60

/** @throws {Finding} if the promise does not settle in time */
async function settled<T>(result: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    let seconds = 0
    timer = setInterval(() => {
      if (++seconds < SETTLE_SECONDS) return
      reject(new Finding('never ends', `there is no result within ${SETTLE_SECONDS} s`))
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
  /** The seed of the run. */
  readonly seed: number
  readonly run: number
}

export interface CampaignOptions {
  readonly target: Target
  readonly seed: number
  /** Inputs from the repository, which run first and are mutated later. */
  readonly corpus: readonly Json[]
  /** Whether to continue after this many inputs. */
  readonly shouldContinue: (runs: number) => boolean
  /** The coverage that guides the choice of inputs; null for random inputs. */
  readonly coverage: Pick<Coverage, 'hasGrown'> | null
  /** Choices that an earlier campaign kept, to be mutated. */
  readonly kept?: readonly Kept[]
  /** Replaces the target's own share for the expensive oracles. */
  readonly thoroughOneIn?: number
  /** Called before each input runs, so that the caller knows the input if it never ends. */
  readonly onInput?: (input: Json) => void
  readonly onFailure?: (failure: Failure) => void
  /** Whether findings are shrunk. */
  readonly shrinks: boolean
}

/** The choices of an input from a batch that reached new code. */
export type Kept = readonly number[]

export interface CampaignResult {
  readonly kept: readonly Kept[]
  readonly runs: number
  /** The number of inputs by their outcome. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly failures: readonly Failure[]
  /** The number of findings by kind. */
  readonly kinds: Readonly<Record<string, number>>
}

/** Runs inputs of a target one after the other, and collects the findings. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { target, seed, corpus, shouldContinue, coverage, onInput = () => {} } = options
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
      // Most targets answer synchronously, and then there is no wait.
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
  /** Keeps some inputs of a batch that reached new code, because it is unknown which of them did. */
  const keepSome = async (all: readonly Tried[]): Promise<void> => {
    const step = Math.max(1, Math.floor(all.length / KEPT_OF_BATCH))
    for (const tried of all.filter((_, index) => index % step === 0)) {
      kept.push(tried.choices)
      // Slow inputs must not extend the campaign beyond its time.
      if (tried.isThorough || !shouldContinue(runs)) continue
      const input = inputOf(tried.choices)
      const { finding } = await tryInput(input, true)
      if (finding !== null) await note(finding, input, { ...tried, isThorough: true })
    }
    while (kept.length > MAX_KEPT) kept.splice(pickBelow(random, kept.length), 1)
  }

  for (const input of corpus) await runInput(input, null)
  while (shouldContinue(runs)) {
    const base = kept[pickBelow(random, kept.length + 1)]
    const other = kept[pickBelow(random, kept.length + 1)] ?? []
    const given = base === undefined ? [] : mutateChoices(base, other, random)
    const choices = Choices.random(Math.floor(random() * 2 ** 32), given)
    const input = target.generate(choices, corpus)
    const isThorough = pickBelow(random, thoroughOneIn) === 0
    const tried = { choices: choices.taken, isThorough }
    await runInput(input, tried)
    if (runs % INPUTS_PER_PAUSE === 0) await new Promise((resolve) => setImmediate(resolve))
    if (coverage === null) continue
    batch.push(tried)
    if (batch.length < batchSize) continue
    if (coverage.hasGrown()) {
      await keepSome(batch)
      // Code that only the expensive oracles reach must not count as new for the next inputs.
      coverage.hasGrown()
      batchSize = BATCH.least
    } else batchSize = Math.min(BATCH.most, batchSize * 2)
    batch = []
  }
  return { runs, outcomes, failures, kinds, kept }
}

/** The origin of a generated input, and the oracles that checked it. */
interface Tried {
  readonly choices: readonly number[]
  readonly isThorough: boolean
}

interface Ended {
  readonly outcome: string
  readonly finding: Finding | null
}
