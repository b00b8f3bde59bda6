// The arguments of `npm run simulate`.
import { parseArgs } from 'node:util'

export interface SimulateOptions {
  readonly seed: number
  /** The most runs. */
  readonly runs: number
  /** The processor time after which no new run begins. */
  readonly minutes: number
  /** How many processes share the runs. */
  readonly jobs: number
  readonly isJson: boolean
  /** The name of a fault to plant; null for none. */
  readonly plant: string | null
  /** Prints the trace of each run. */
  readonly showsTrace: boolean
  /** Records the runs in which planted faults are caught, instead. */
  readonly records: boolean
}

export const USAGE = `npm run simulate -- [--seed S] [--runs N] [--minutes M] [--jobs J] [--plant NAME] [--trace] [--json]

  --seed S       the seed of the first run; the next runs take S + 1, S + 2, …  (default: random)
  --runs N       the number of runs (default: 1000)
  --minutes M    no new run begins after this much processor time of all processes (default: 10)
  --jobs J       divides the seeds among J processes, and reports the lowest seed that fails (default: 1)
  --plant NAME   plants a fault into the system, to check that the simulator catches it
  --record       finds a run in which each planted fault is caught, and writes plants/caught.json
  --trace        prints the trace of every run
  --json         prints one line of JSON at the end
`

/** @throws {RangeError} if a number is invalid */
export function readArguments(args: readonly string[]): SimulateOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      runs: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '10' },
      jobs: { type: 'string', default: '1' },
      plant: { type: 'string' },
      trace: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  return {
    seed:
      values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : number('seed', values.seed),
    runs: number('runs', values.runs),
    minutes: number('minutes', values.minutes),
    jobs: number('jobs', values.jobs),
    isJson: values.json,
    plant: values.plant ?? null,
    showsTrace: values.trace,
    records: values.record,
  }
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (text === '' || !Number.isFinite(value) || value < 0) {
    throw new RangeError(`--${name} must be a number from 0, not "${text}"`)
  }
  return value
}
