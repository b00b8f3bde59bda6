import { pickBelow, seededRandom } from '../../harness/random.ts'
import { Choices } from './choices.ts'
import type { Coverage } from './coverage.ts'
import { mutateChoices } from './mutate.ts'
import { shrinkChoices } from './shrink.ts'
import { asFinding, Finding, type Json, type Target } from './target.ts'

/** How many inputs run between two looks at the coverage. */
const BATCH = 32
/** How many inputs that reached new code are kept for changing. */
const MAX_KEPT = 2_000
/** After this many findings of one kind, the others are only counted. */
const MAX_PER_KIND = 1

/** An input that does nothing and does not end is waited for so long, in milliseconds. */
const SETTLE_MS = 60_000

/** @throws {Finding} when a result does not come */
async function settled<T>(result: T | Promise<T>): Promise<T> {
  if (!(result instanceof Promise)) return result
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const message = `the result does not come within ${SETTLE_MS / 1_000} s`
    timer = setTimeout(() => reject(new Finding('never ends', message)), SETTLE_MS)
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
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
  readonly coverage: Coverage | null
  /** Called before each input runs, so that it is known if it never ends. */
  readonly onInput?: (input: Json) => void
  readonly onFailure?: (failure: Failure) => void
  /** Whether findings are shrunk. */
  readonly shrinks: boolean
}

export interface CampaignResult {
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
  const random = seededRandom(seed)
  const outcomes: Record<string, number> = {}
  const kinds: Record<string, number> = {}
  const failures: Failure[] = []
  const kept: (readonly number[])[] = []
  let batch: (readonly number[])[] = []
  let runs = 0

  const tryInput = async (input: Json) => {
    try {
      onInput(input)
      return { outcome: await settled(target.run(input)), finding: null }
    } catch (error) {
      return { outcome: 'finding', finding: asFinding(error) }
    }
  }
  const shrink = async (choices: readonly number[], kind: string): Promise<Json> => {
    const inputOf = (some: readonly number[]) => target.generate(Choices.replay(some), corpus)
    const smallest = await shrinkChoices(
      choices,
      async (some) => (await tryInput(inputOf(some))).finding?.kind === kind,
    )
    return inputOf(smallest)
  }
  const runInput = async (input: Json, choices: readonly number[] | null): Promise<void> => {
    runs++
    const { outcome, finding } = await tryInput(input)
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    if (finding === null) return
    const { kind, message } = finding
    kinds[kind] = (kinds[kind] ?? 0) + 1
    if (kinds[kind] > MAX_PER_KIND) return
    const small = choices !== null && options.shrinks ? await shrink(choices, kind) : input
    const failure = { kind, message, input: small, seed, run: runs }
    failures.push(failure)
    options.onFailure?.(failure)
  }

  for (const input of corpus) await runInput(input, null)
  while (goesOn(runs)) {
    const base = kept[pickBelow(random, kept.length + 1)]
    const other = kept[pickBelow(random, kept.length + 1)] ?? []
    const given = base === undefined ? [] : mutateChoices(base, other, random)
    const choices = Choices.random(Math.floor(random() * 2 ** 32), given)
    const input = target.generate(choices, corpus)
    batch.push(choices.taken)
    await runInput(input, choices.taken)
    // Lets timers and messages of this process have their turn.
    if (runs % BATCH === 0) await new Promise((resolve) => setImmediate(resolve))
    if (coverage === null || batch.length < BATCH) continue
    if (coverage.hasGrown()) {
      kept.push(...batch)
      while (kept.length > MAX_KEPT) kept.splice(pickBelow(random, kept.length), 1)
    }
    batch = []
  }
  return { runs, outcomes, failures, kinds }
}
