// `npm run simulate`: runs the simulator from a seed. If a rule is broken, shrinks the run and prints its trace.
import { writeFileSync } from 'node:fs'
import { readArguments, USAGE } from './arguments.ts'
import { campaignInJobs } from './jobs.ts'
import type { Plant } from './plant.ts'
import { CAUGHT_FILE, readCatches } from './plants/caught.ts'
import { PLANTS } from './plants/index.ts'
import { recordCatches } from './record.ts'
import { report } from './report.ts'
import { compileServer } from './server/program.ts'
import { shrink } from './shrink.ts'

const MINUTE_MS = 60_000

async function main(): Promise<number> {
  const {
    seed,
    runs,
    minutes,
    jobs,
    isJson,
    plant: name,
    showsTrace,
    records,
  } = readArguments(process.argv.slice(2))
  const plant = name === null ? undefined : PLANTS.find((one) => one.name === name)
  if (name !== null && plant === undefined) {
    console.error(`there is no fault "${name}". The faults are:`)
    for (const one of PLANTS) console.error(`  ${one.name}`)
    return 2
  }
  if (records) return record(plant === undefined ? PLANTS : [plant])
  await compileServer()
  const began = performance.now()
  const result = await campaignInJobs(
    {
      seed,
      runs,
      ms: minutes * MINUTE_MS,
      plant,
      onBegin: progress(runs),
      onRun: ({ trace }) => {
        if (showsTrace && !isJson) console.log(trace.join('\n'))
      },
    },
    // A trace is printed in the order of the seeds.
    showsTrace ? 1 : jobs,
  )
  const minutesTaken = (performance.now() - began) / MINUTE_MS
  const small = result.failed === null ? null : await shrink(result.failed, plant)
  const perMinute = Math.round((result.runs / result.ms) * MINUTE_MS)
  if (isJson) {
    const { failed: _, ...figures } = result
    const failure = small && {
      seed: small.outcome.plan.profile.seed,
      rule: small.outcome.rule,
      message: small.outcome.error?.message,
      plan: small.outcome.plan,
      hash: small.outcome.hash,
    }
    console.log(JSON.stringify({ seed, ...figures, perMinute, failure }))
  } else {
    if (small !== null) console.log(report(small.outcome))
    const virtual = Math.round(result.virtualMs / 1_000)
    console.log(
      `${result.runs} runs from seed ${seed}, ${perMinute} a minute of processor time, ${Math.round(result.runs / minutesTaken)} a minute of time, ${virtual} s of virtual time, ${result.folds} folds: ${small === null ? 'every rule held' : `${small.outcome.rule} was broken, shrunk in ${small.runs} runs`}`,
    )
  }
  return small === null ? 0 : 1
}

/** The interval of progress lines on an output that is not a terminal, in milliseconds. */
const PROGRESS_MS = 2_000

/** Names the run that begins, on stderr: if the command hangs, the last named run is the cause. */
function progress(runs: number): (seed: number, done: number) => void {
  let printedAt = Number.NEGATIVE_INFINITY
  return (seed, done) => {
    const text = `run ${done + 1} of ${runs}: seed ${seed}`
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${text} `)
      return
    }
    if (performance.now() - printedAt < PROGRESS_MS) return
    printedAt = performance.now()
    console.error(text)
  }
}

async function record(plants: readonly Plant[]): Promise<number> {
  await recordCatches({
    plants,
    known: readCatches(),
    onFound: (catches, name, found) => {
      writeFileSync(CAUGHT_FILE, `${JSON.stringify(catches, null, 2)}\n`)
      console.log(`${found === null ? 'not caught' : `${found.rule} at ${found.seed}`}: ${name}`)
    },
  })
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  if (
    !(error instanceof RangeError || (error as { code?: string }).code?.startsWith('ERR_PARSE'))
  ) {
    throw error
  }
  console.error(`${(error as Error).message}\n\n${USAGE}`)
  process.exitCode = 2
}
