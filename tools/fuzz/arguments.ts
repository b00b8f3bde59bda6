import { parseArgs } from 'node:util'
import { TARGET_NAMES, type TargetName } from './targets/index.ts'
import { THOROUGH_ONE_IN } from './targets/sampling.ts'

const { updates, snapshots, content, routes } = THOROUGH_ONE_IN

export const HELP = `npm run fuzz -- --target NAME [--minutes N] [--runs N] [--seed S] [--json]
npm run fuzz -- --target NAME --input FILE

NAME is one of ${TARGET_NAMES.join(', ')}, or all (each for the given time).
--minutes N   the time in minutes (default 1)
--runs N      the number of inputs; without --minutes there is no limit of time
--seed S      a whole number; the default is random and printed
--input FILE  runs one input: a finding, or a file of the corpus
--json        prints one JSON object on standard output, and everything else on standard error

The cheap oracles check every input: they decode and integrate updates, and read them again in both formats.
They compare proposals with the document, and store imports and write them as JSON and as an update. Refused
requests must not change the number of rows. The expensive oracles check a sample, chosen by the seed:
  updates    one accepted input in ${updates}: every format, five orders of the rows, folds, later edits
  snapshots  one in ${snapshots}: all of checkFold, and the content after later edits
  content    one accepted input in ${content}: every format of each root
  routes     one in ${routes} goes over a socket, the others to the app in the same process
They also check the whole corpus, --input, and some of each batch of inputs that reached new code. The report
has the number of inputs that they checked. state and presence have no sample: all oracles check each input.

For the first fifth of the time, at most two minutes, coverage guides the choice of inputs. Then a second process
continues with these inputs, without coverage and therefore faster. With --target all, the last line has the totals.

The fuzzer shrinks each finding, writes it to .artifacts/fuzz, and prints the command that repeats it.
The exit code is 1 if there are findings.`

export interface FuzzArguments {
  readonly targets: readonly TargetName[]
  readonly seed: number
  readonly milliseconds: number
  readonly runs: number
  readonly inputFile: string | undefined
  readonly json: boolean
}

export class UsageError extends Error {}

/** @returns null if the arguments ask for help. @throws {UsageError} */
export function readArguments(args: readonly string[]): FuzzArguments | null {
  const values = parse(args)
  if (values.help) return null
  const seed = number('--seed', values.seed) ?? Math.floor(Math.random() * 2 ** 32)
  const runs = number('--runs', values.runs)
  const minutes = number('--minutes', values.minutes) ?? (runs === undefined ? 1 : Infinity)
  return {
    targets: targetsOf(values.target),
    seed,
    milliseconds: minutes * 60_000,
    runs: runs ?? Infinity,
    inputFile: values.input,
    json: values.json ?? false,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        target: { type: 'string' },
        minutes: { type: 'string' },
        runs: { type: 'string' },
        seed: { type: 'string' },
        input: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function targetsOf(name: string | undefined): readonly TargetName[] {
  if (name === 'all') return TARGET_NAMES
  const known = TARGET_NAMES.find((target) => target === name)
  if (known !== undefined) return [known]
  throw new UsageError(name === undefined ? '--target is missing' : `there is no target "${name}"`)
}

function number(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new UsageError(`${option} takes a number, not "${text}"`)
  }
  return value
}
