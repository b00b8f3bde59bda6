import { docIdProblem } from 'y-electric/protocol'

/** A positional argument of a command. */
export interface Argument {
  /** Its name in help: `ID`. */
  readonly name: string
  readonly summary: string
  readonly required: boolean
  /** Returns what is wrong with the text, or null. */
  readonly problem: (text: string) => string | null
}

/** A named option of a command. `T` is the type of its value. */
export interface Option<T> {
  readonly name: string
  /** The placeholder of its value in help; null for a switch. */
  readonly placeholder: string | null
  readonly summary: string
  /** The value if it is not given. */
  readonly fallback: T | null
  /** A description of valid values. */
  readonly expects: string
  /** Null if the text is not valid. */
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

/** The seq of a snapshot row, or one of the given words. */
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
