// One run: a world, its steps, and its end.
import { mutatedProvider } from './browsers/program.ts'
import { RuleBroken } from './checks/content.ts'
import { requireWhole } from './checks/ending.ts'
import { Livelock, MOST_TASKS } from './kernel/timeline.ts'
import type { Plant } from './plant.ts'
import { type Profile, profileOf } from './profile.ts'
import { compileServer } from './server/program.ts'
import type { Step } from './step.ts'
import { scripted, stepsOf, take } from './steps.ts'
import { World } from './world.ts'

export interface Plan {
  readonly profile: Profile
  readonly steps: readonly Step[]
}

export interface Outcome {
  readonly plan: Plan
  /** Null if every rule held. */
  readonly error: Error | null
  /** The id of the rule that was broken; `error` for any other failure. */
  readonly rule: string | null
  readonly trace: readonly string[]
  /** The hash of the trace, which is equal for two runs of one plan. It is computed when it is read. */
  readonly hash: string
  /** Virtual time, in milliseconds. */
  readonly ms: number
  readonly folds: number
  /** The number of tasks that the run scheduled. */
  readonly tasks: number
}

export function planOf(seed: number, plant?: Plant): Plan {
  const profile = { ...profileOf(seed), ...plant?.profile }
  const { steps } = plant ?? {}
  return { profile, steps: steps === undefined ? stepsOf(profile) : scripted(profile, steps) }
}

function ruleOf(error: Error): string {
  if (error instanceof RuleBroken) return error.rule
  return error instanceof Livelock ? 'LIVELOCK' : 'error'
}

/** @param mostTasks a run that schedules more tasks than this fails */
export async function run(
  plan: Plan,
  planted?: Plant,
  mostTasks: number = MOST_TASKS,
): Promise<Outcome> {
  const plant = planted && { ...planted, ...planted.fresh?.() }
  const program = await compileServer()
  const mutant = plant?.clientMutant
  const Provider = mutant === undefined ? plant?.Provider : await mutatedProvider(mutant)
  const world = new World({
    profile: plan.profile,
    program,
    mostTasks,
    ...(plant && { plant }),
    ...(Provider && { Provider }),
  })
  const began = world.timeline.now()
  let error: Error | null = null
  try {
    for (const step of plan.steps) await take(world, step)
    await requireWhole(world)
  } catch (cause) {
    error = cause instanceof Error ? cause : new Error(String(cause))
    world.trace.note('end', error.message)
  }
  const ms = world.timeline.now() - began
  const { tasks } = world.timeline
  // The tasks that close an endless run would not end either.
  if (!(error instanceof Livelock)) await world.close()
  return {
    plan,
    error,
    rule: error === null ? null : ruleOf(error),
    trace: world.trace.lines,
    get hash() {
      return world.trace.hash()
    },
    ms,
    folds: world.stored.folds,
    tasks,
  }
}
