import type { Choices } from './choices.ts'

/** A value that can be written to a file and read again: bytes become hexadecimal text. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** The result of a harmless input, for the statistics: `accepted`, or the reason of the refusal. */
export type Outcome = string

/** The name of the figure of targets that say themselves what they accept. */
export const ACCEPTED = 'accepted inputs'

/** Something that must not be: the fuzzer reports it, shrinks it and stores it. */
export class Finding extends Error {
  override readonly name = 'Finding'
  /** Findings of one kind are reported once. */
  readonly kind: string

  constructor(kind: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.kind = kind
  }
}

/** One thing that is fuzzed. */
export interface Target {
  readonly name: string
  /** Makes an input. `corpus` are inputs worth changing. */
  generate(choices: Choices, corpus: readonly Json[]): Json
  /**
   * The expensive oracles look at one of so many inputs, chosen by the seed; at each by default. They also
   * look at the corpus, at a single input, and at inputs that reached new code.
   */
  readonly thoroughOneIn?: number
  /**
   * @param isThorough whether the expensive oracles look at the input too
   * @throws {Finding} when a rule is broken; anything else that it throws is a finding too
   */
  run(input: Json, isThorough: boolean): Outcome | Promise<Outcome>
  /** Measurements for the report, by name. */
  figures?(): Readonly<Record<string, number | string>>
  close?(): Promise<void>
}

/** How a target is opened: the smoke test in Vitest gives it the database of the run. */
export interface TargetOptions {
  /** A Postgres cluster for the targets that need one; they start their own without it. */
  readonly databaseUrl?: string
}

/** The finding that an error is. An unexpected one is named by the place in our code or a library that threw it. */
export function asFinding(error: unknown): Finding {
  if (error instanceof Finding) return error
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const [, file = 'nowhere'] =
    /\/((?:packages\/[^/]+\/src|node_modules\/[^/]+)\/[^:\s]+):\d+/.exec(stack) ?? []
  const what = message.replace(/[0-9"'].*$/s, '').slice(0, 60)
  return new Finding(`throws ${name} in ${file}: ${what}`, `${name}: ${message}`, { cause: error })
}
