import { Argument, Option as CommanderOption, InvalidArgumentError } from 'commander'
import { docIdProblem } from 'y-electric/protocol'
import { capitalized } from './text.ts'

/** An option of a command. `T` is the type of its value: null if it is not given and has no default. */
export class Option<T> extends CommanderOption {
  declare readonly value: T
}

export const textOption = (
  flags: string,
  summary: string,
  maximum = Number.MAX_SAFE_INTEGER,
): Option<string | null> =>
  new Option<string | null>(flags, summary).argParser(checked((text) => textProblem(text, maximum)))

export const requiredTextOption = (flags: string, summary: string): Option<string> =>
  new Option<string>(flags, summary).argParser(checked(textProblem)).makeOptionMandatory()

export function integerOption<Fallback extends number | null = null>(
  flags: string,
  summary: string,
  {
    minimum,
    maximum = Number.MAX_SAFE_INTEGER,
    fallback,
  }: { readonly minimum: number; readonly maximum?: number; readonly fallback?: Fallback },
): Option<number | Fallback> {
  const upTo = maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`
  const parse = (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= minimum && value <= maximum) return value
    throw new InvalidArgumentError(`It must be a number from ${minimum}${upTo}.`)
  }
  return new Option<number | Fallback>(flags, summary).default(fallback).argParser(parse)
}

export const choiceOption = <T extends string>(
  flags: string,
  summary: string,
  values: readonly T[],
): Option<T | null> => new Option<T | null>(flags, summary).choices(values)

export function switchOption(flags: string, summary: string): Option<boolean> {
  const option = new Option<boolean>(flags, summary)
  // To commander, `--no-label` is the opposite of `--label`. Here it is a switch of its own.
  option.negate = false
  return option
}

export const textArgument = (name: string, summary: string): Argument =>
  new Argument(name, summary).argParser(checked(textProblem))

export const docIdArgument = (name: string, summary: string): Argument =>
  new Argument(name, summary).argParser(checked(docIdProblem))

/** The seq of a snapshot row, or one of the given words. */
export function seqArgument(
  name: string,
  summary: string,
  words: readonly string[] = [],
): Argument {
  const or = words.map((word) => ` or "${word}"`).join('')
  const problem = `it must be the seq of a snapshot row${or} (see: snapshots)`
  return new Argument(name, summary).argParser(
    checked((text) => (words.includes(text) || /^\d{1,15}$/.test(text) ? null : problem)),
  )
}

function textProblem(text: string, maximum = Number.MAX_SAFE_INTEGER): string | null {
  if (text === '') return 'it cannot be empty'
  return text.length > maximum ? `it can have at most ${maximum} characters` : null
}

/** A parser that returns the text as it is, unless there is a problem. */
const checked =
  (problemOf: (text: string) => string | null) =>
  (text: string): string => {
    const problem = problemOf(text)
    if (problem !== null) throw new InvalidArgumentError(`${capitalized(problem)}.`)
    return text
  }
