import type { Choices } from './choices.ts'

/** A value that can be written to a file and read again. Bytes are hexadecimal text. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** The result of a harmless input, for the statistics: `accepted`, or the reason of the refusal. */
export type Outcome = string

/** The name of the figure in which some targets report the number of accepted inputs. */
export const ACCEPTED = 'accepted inputs'

/** A broken rule: the fuzzer reports it, shrinks its input and stores it. */
export class Finding extends Error {
  override readonly name = 'Finding'
  /** Findings of one kind are reported once. */
  readonly kind: string

  constructor(kind: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.kind = kind
  }
}

/** A part that is fuzzed. */
export interface Target {
  readonly name: string
  /** Makes an input. `corpus` has inputs that may be mutated. */
  generate(choices: Choices, corpus: readonly Json[]): Json
  /**
   * The expensive oracles check one of this many inputs, chosen by the seed. Default: every input. They also
   * check the corpus, a single input, and inputs that reached new code.
   */
  readonly thoroughOneIn?: number
  /**
   * @param isThorough whether the expensive oracles check the input too
   * @throws {Finding} if a rule is broken. Any other error is a finding too
   */
  run(input: Json, isThorough: boolean): Outcome | Promise<Outcome>
  /** Measurements for the report, by name. */
  figures?(): Readonly<Record<string, number | string>>
  close?(): Promise<void>
}

/** Options for opening a target. The smoke test in Vitest passes the database of the run. */
export interface TargetOptions {
  /** A Postgres cluster. Without it, targets that need one start their own. */
  readonly databaseUrl?: string
}

/** Converts an error to a finding. An unexpected error is named by the line in the repository or library that threw it. */
export function asFinding(error: unknown): Finding {
  if (error instanceof Finding) return error
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const [, file = 'nowhere'] =
    /\/((?:packages\/[^/]+\/src|node_modules\/[^/]+)\/[^:\s]+):\d+/.exec(stack) ?? []
  const what = message.replace(/[0-9"'].*$/s, '').slice(0, 60)
  return new Finding(`throws ${name} in ${file}: ${what}`, `${name}: ${message}`, { cause: error })
}
