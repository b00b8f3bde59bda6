// Shrinks a failing run to few steps, browsers, tabs and servers that still break the same rule.
import type { Plant } from './plant.ts'
import type { Profile } from './profile.ts'
import { type Outcome, type Plan, run } from './run.ts'

/** The most runs for shrinking. */
export const SHRINK_RUNS = 300

/** Simplifications of a run's profile, the most helpful first. */
const SIMPLER: readonly ((profile: Profile) => Partial<Profile>)[] = [
  () => ({ browsers: 1 }),
  () => ({ tabsPerBrowser: 1 }),
  ({ tabsPerBrowser }) => ({ tabsPerBrowser: tabsPerBrowser - 1 }),
  () => ({ servers: 1 }),
  () => ({ hasPresence: false }),
  () => ({ compacts: false }),
  () => ({ keepsHistory: false }),
  () => ({ isKept: false }),
  () => ({ hasLocks: true }),
  ({ live }) => ({ live: live === 'shared' ? 'sse' : 'long-poll' }),
  () => ({ live: 'long-poll' }),
]

/** @returns the smallest run found that breaks the same rule, and the number of runs that this took */
export async function shrink(
  failed: Outcome,
  plant?: Plant,
  maxRuns: number = SHRINK_RUNS,
): Promise<{ outcome: Outcome; runs: number }> {
  let best = failed
  let runs = 0

  async function isStillBroken(plan: Plan): Promise<boolean> {
    if (runs >= maxRuns) return false
    runs += 1
    const outcome = await run(plan, plant)
    if (outcome.rule !== failed.rule) return false
    best = outcome
    return true
  }

  for (const simpler of SIMPLER) {
    const { profile, steps } = best.plan
    const changed = { ...profile, ...simpler(profile) }
    if (changed.tabsPerBrowser < 1 || JSON.stringify(changed) === JSON.stringify(profile)) continue
    await isStillBroken({ profile: changed, steps })
  }
  // First large pieces, then single steps, until nothing more can be dropped.
  let size = Math.ceil(best.plan.steps.length / 2)
  while (size >= 1 && runs < maxRuns) {
    let isSmaller = false
    for (let at = 0; at < best.plan.steps.length; ) {
      const { profile, steps } = best.plan
      const fewer = [...steps.slice(0, at), ...steps.slice(at + size)]
      if (await isStillBroken({ profile, steps: fewer })) isSmaller = true
      else at += size
    }
    if (size === 1 && !isSmaller) break
    size = Math.max(1, Math.floor(size / 2))
  }
  return { outcome: best, runs }
}
