// Many runs, one after the other, until one fails or the budget is used.
import type { Plant } from './plant.ts'
import { type Outcome, planOf, run } from './run.ts'

export interface Budget {
  readonly seed: number
  readonly runs: number
  readonly ms: number
  readonly plant?: Plant | undefined
  readonly onRun?: (outcome: Outcome) => void
}

export interface Campaign {
  readonly runs: number
  readonly ms: number
  /** Virtual time of all runs together, in milliseconds. */
  readonly virtualMs: number
  readonly folds: number
  /** The first run that failed; null if none did. */
  readonly failed: Outcome | null
}

export async function campaign({ seed, runs, ms, plant, onRun }: Budget): Promise<Campaign> {
  const began = performance.now()
  let done = 0
  let virtualMs = 0
  let folds = 0
  let failed: Outcome | null = null
  while (done < runs && failed === null && performance.now() - began < ms) {
    const outcome = await run(planOf(seed + done, plant), plant)
    done += 1
    virtualMs += outcome.ms
    folds += outcome.folds
    if (outcome.error !== null) failed = outcome
    onRun?.(outcome)
  }
  return { runs: done, ms: performance.now() - began, virtualMs, folds, failed }
}
