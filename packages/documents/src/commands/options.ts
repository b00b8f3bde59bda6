import { docIdProblem } from 'y-electric/protocol'

/** Something that follows a command by its place. */
export interface Argument {
  /** As it stands in help: `ID`. */
  readonly name: string
  readonly summary: string
  readonly required: boolean
  /** Says what is wrong with it, or null. */
  readonly problem: (text: string) => string | null
}

/** Something that follows a command by its name. `T` is what it is read as. */
export interface Option<T> {
  readonly name: string
  /** What stands for its value in help; null for a switch. */
  readonly placeholder: string | null
  readonly summary: string
  /** What stands for one that is not given. */
  readonly fallback: T | null
  /** What it must be, for people. */
  readonly expects: string
  /** Null when the text is not that. */
  readonly parse: (text: string) => T | null
}

interface About {
  readonly name: string
  readonly summary: string
}

export function textOption({
  placeholder,
  parse = (text) => (text === '' ? null : text),
  expects = 'text',
  ...about
}: About & {
  readonly placeholder: string
  readonly parse?: (text: string) => string | null
  readonly expects?: string
}): Option<string> {
  return { ...about, placeholder, fallback: null, expects, parse }
}

export function integerOption({
  placeholder = 'N',
  minimum,
  maximum = Number.MAX_SAFE_INTEGER,
  fallback = null,
  ...about
}: About & {
  readonly placeholder?: string
  readonly minimum: number
  readonly maximum?: number
  readonly fallback?: number | null
}): Option<number> {
  const upTo = maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`
  return {
    ...about,
    placeholder,
    fallback,
    expects: `a number from ${minimum}${upTo}`,
    parse(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= minimum && value <= maximum ? value : null
    },
  }
}

export function choiceOption<T extends string>({
  placeholder,
  values,
  fallback = null,
  ...about
}: About & {
  readonly placeholder: string
  readonly values: readonly T[]
  readonly fallback?: T | null
}): Option<T> {
  return {
    ...about,
    placeholder,
    fallback,
    expects: `one of ${values.join(', ')}`,
    parse: (text) => values.find((value) => value === text) ?? null,
  }
}

export const switchOption = (about: About): Option<boolean> => ({
  ...about,
  placeholder: null,
  fallback: false,
  expects: 'given or not',
  parse: () => true,
})

export const textArgument = (name: string, summary: string): Argument => ({
  name,
  summary,
  required: true,
  problem: (text) => (text === '' ? `${name} cannot be empty` : null),
})

export const docIdArgument = (name: string, summary: string): Argument => ({
  name,
  summary,
  required: true,
  problem: docIdProblem,
})

/** The seq of a snapshot row, or one of the words that may stand for it. */
export function seqArgument(
  name: string,
  summary: string,
  { words = [], required = true }: { words?: readonly string[]; required?: boolean } = {},
): Argument {
  const or = words.map((word) => ` or "${word}"`).join('')
  return {
    name,
    summary,
    required,
    problem: (text) =>
      words.includes(text) || /^\d{1,15}$/.test(text)
        ? null
        : `${name} must be the seq of a snapshot row${or}, not "${text}" (see: snapshots)`,
  }
}
