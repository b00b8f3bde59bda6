// For each planted fault, finds a run in which it is caught. Known runs that still catch it are kept.
import type { Plant } from './plant.ts'
import type { Catch, Catches } from './plants/caught.ts'
import { type Outcome, planOf, run } from './run.ts'

export interface RecordOptions {
  readonly plants: readonly Plant[]
  readonly known: Catches
  readonly onFound: (catches: Catches, name: string, found: Catch | null) => void
}

/** The most runs of the search for one fault. */
const MOST_RUNS = 200
/** The most processor time of the search for one fault, in milliseconds. */
const MOST_MS = 15_000
/** A run with more processor time is used only if no shorter one is found. Milliseconds. */
const CHEAP_MS = 500
/** A run with more processor time is too long for every default test run. Milliseconds. */
const LONGEST_MS = 1_500
/** The number of long runs after which the shortest of them is used. */
const LONG_RUNS = 2

/** @returns for each fault that was caught, by its name, the run that caught it */
export async function recordCatches(options: RecordOptions): Promise<Catches> {
  let catches: Catches = options.known
  for (const plant of options.plants) {
    const { name } = plant
    const known = catches[name]
    const found = known && (await isCaught(plant, known)) ? known : await search(plant)
    const { [name]: _, ...others } = catches
    catches = found === null ? others : { ...others, [name]: found }
    options.onFound(catches, name, found)
  }
  return catches
}

export async function isCaught(plant: Plant, { seed, rule }: Catch): Promise<boolean> {
  return (await run(planOf(seed, plant), plant)).rule === rule
}

async function search(plant: Plant): Promise<Catch | null> {
  const began = processorMs()
  let best: { found: Catch; ms: number } | null = null
  let long = 0
  for (let seed = 1; seed <= MOST_RUNS && processorMs() - began < MOST_MS; seed++) {
    const start = processorMs()
    const { rule, hash } = await run(planOf(seed, plant), plant)
    const ms = processorMs() - start
    if (!isOfSpec(rule)) continue
    if (ms > CHEAP_MS) long += 1
    if (ms <= LONGEST_MS && (best === null || ms < best.ms) && (await isSame(plant, seed, hash))) {
      best = { found: { seed, rule }, ms }
      if (ms <= CHEAP_MS) break
    }
    if (long >= LONG_RUNS) break
  }
  return best?.found ?? null
}

const isOfSpec = (rule: Outcome['rule']): rule is string => rule !== null && rule !== 'error'

async function isSame(plant: Plant, seed: number, hash: string): Promise<boolean> {
  return (await run(planOf(seed, plant), plant)).hash === hash
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
