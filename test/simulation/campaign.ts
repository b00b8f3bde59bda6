// Many runs, one after the other, until one fails or the budget is used.
import type { Plant } from './plant.ts'
import { type Outcome, planOf, run } from './run.ts'

export interface Budget {
  readonly seed: number
  readonly runs: number
  /** The processor time of this process, in milliseconds, which does not depend on other processes. */
  readonly ms: number
  readonly plant?: Plant | undefined
  /** The distance between two seeds. Default: 1. */
  readonly stride?: number
  /** No run begins with this seed or a later one; asked before each run. */
  readonly endsBefore?: () => number
  /** Called before each run, so that the last named run is known if it never ends. */
  readonly onBegin?: (seed: number, done: number) => void
  readonly onRun?: (outcome: Outcome) => void
}

export interface Campaign {
  readonly runs: number
  /** The processor time, in milliseconds. */
  readonly ms: number
  /** The virtual time of all runs together, in milliseconds. */
  readonly virtualMs: number
  readonly folds: number
  /** The largest number of tasks that one run scheduled. */
  readonly mostTasks: number
  /** The first run that failed; null if none did. */
  readonly failed: Outcome | null
}

export async function campaign(budget: Budget): Promise<Campaign> {
  const { runs, ms, plant, stride = 1, endsBefore = () => Number.POSITIVE_INFINITY } = budget
  const { onBegin, onRun } = budget
  const began = processorMs()
  let done = 0
  let virtualMs = 0
  let folds = 0
  let mostTasks = 0
  let failed: Outcome | null = null
  while (done < runs && failed === null && processorMs() - began < ms) {
    const seed = budget.seed + done * stride
    if (seed >= endsBefore()) break
    onBegin?.(seed, done)
    const outcome = await run(planOf(seed, plant), plant)
    done += 1
    virtualMs += outcome.ms
    folds += outcome.folds
    mostTasks = Math.max(mostTasks, outcome.tasks)
    if (outcome.error !== null) failed = outcome
    onRun?.(outcome)
  }
  return { runs: done, ms: processorMs() - began, virtualMs, folds, mostTasks, failed }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
