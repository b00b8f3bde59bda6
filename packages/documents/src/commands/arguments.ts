import { parseArgs } from 'node:util'
import { ConfigError } from '../config.ts'
import type { Argument, Option } from './options.ts'

/** A command line that cannot be run as it is. */
export class UsageError extends ConfigError {}

/** What somebody typed after the name of a command. */
export interface Arguments {
  readonly wantsHelp: boolean
  readonly isJson: boolean
  /** The value of an option; what stands for it, or null, when it was not given. */
  option<T>(option: Option<T>): T | null
  /** Like `option`, of one that has something to stand for it. */
  required<T>(option: Option<T>): T
  /** An argument; empty when it is not required and was not given. */
  argument(argument: Argument): string
}

/** What may be asked for of any command. */
const EVERYWHERE = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
} as const

/**
 * Reads what was typed after the name of a command. With `--help` nothing else needs to be right.
 * @throws {UsageError} that names what is wrong
 */
export function parseArguments(
  name: string,
  { arguments: wanted, options }: ArgumentTable,
  argv: readonly string[],
): Arguments {
  const { values, positionals } = readTokens(name, options, argv)
  const wantsHelp = values.help === true
  if (!wantsHelp) checkArguments(name, wanted, positionals)
  const read = new Map<string, unknown>()
  for (const option of options) {
    const text = values[option.name]
    if (text === undefined || wantsHelp) continue
    const value = option.parse(String(text))
    if (value === null) {
      throw new UsageError(`--${option.name} must be ${option.expects}, not "${text}"`)
    }
    read.set(option.name, value)
  }
  const get = <T>(option: Option<T>): T | null =>
    (read.get(option.name) as T | undefined) ?? option.fallback
  return {
    wantsHelp,
    isJson: values.json === true,
    option: get,
    required(option) {
      const value = get(option)
      if (value === null) throw new UsageError(`--${option.name} is missing ${seeHelp(name)}`)
      return value
    },
    argument: (argument) => positionals[wanted.indexOf(argument)] ?? '',
  }
}

interface ArgumentTable {
  readonly arguments: readonly Argument[]
  readonly options: readonly Option<unknown>[]
}

interface Tokens {
  readonly values: Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
}

function readTokens(
  name: string,
  options: readonly Option<unknown>[],
  argv: readonly string[],
): Tokens {
  const known = options.map((option) => [
    option.name,
    { type: option.placeholder === null ? 'boolean' : 'string' } as const,
  ])
  try {
    return parseArgs({
      args: [...argv],
      options: { ...Object.fromEntries(known), ...EVERYWHERE },
      allowPositionals: true,
    })
  } catch (cause) {
    // Node goes on to explain `--` to people who only mistyped an option.
    const [problem] = (cause as Error).message.split(/\. |\n/)
    throw new UsageError(`${problem} ${seeHelp(name)}`, { cause })
  }
}

function checkArguments(name: string, wanted: readonly Argument[], given: readonly string[]): void {
  for (const [index, argument] of wanted.entries()) {
    const text = given[index]
    if (text === undefined) {
      if (!argument.required) continue
      throw new UsageError(`${argument.name} is missing: ${argument.summary} ${seeHelp(name)}`)
    }
    const problem = argument.problem(text)
    if (problem !== null) throw new UsageError(problem)
  }
  const extra = given.slice(wanted.length)
  if (extra.length > 0) throw new UsageError(`unexpected: ${extra.join(' ')} ${seeHelp(name)}`)
}

const seeHelp = (name: string): string => `(see ${name} --help)`
