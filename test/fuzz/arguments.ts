import { parseArgs } from 'node:util'
import { TARGET_NAMES, type TargetName } from './targets/index.ts'

export const HELP = `npm run fuzz -- --target NAME [--minutes N] [--runs N] [--seed S] [--json]
npm run fuzz -- --target NAME --input FILE

NAME is one of ${TARGET_NAMES.join(', ')}, or all: each for the given time.
--minutes N   how long (default 1)
--runs N      how many inputs; without --minutes, time does not end it
--seed S      a whole number; without it, one is chosen and printed
--input FILE  runs one input: a finding, or a file of the corpus
--json        prints one JSON object on standard output, and everything else on standard error

A finding is shrunk and written to .artifacts/fuzz, and the command that repeats it is printed.
The exit code is 1 when something was found.`

export interface FuzzArguments {
  readonly targets: readonly TargetName[]
  readonly seed: number
  readonly milliseconds: number
  readonly runs: number
  readonly inputFile: string | undefined
  readonly json: boolean
}

export class UsageError extends Error {}

/** @returns null when help is asked for. @throws {UsageError} */
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
