import type pg from 'pg'
import type { RunningBackend } from '../backend.ts'
import type { Backend } from '../config.ts'
import type { Arguments } from './arguments.ts'
import type { Argument, Option } from './options.ts'

/** The world around a command: what it reads, and where it writes. `main` gives it the process's own. */
export interface Io {
  readonly env: NodeJS.ProcessEnv
  /** Standard output is a terminal. */
  readonly hasTerminal: boolean
  /** Somebody is there to answer a question. */
  readonly canAsk: boolean
  /** Where this moment lies, for relative dates. */
  readonly now: () => Date
  /** To standard output. */
  write(chunk: string | Uint8Array): void
  /** To standard error. */
  warn(line: string): void
  /** Asks on the terminal. @returns the line that was typed; empty at its end */
  ask(question: string): Promise<string>
  /** A file, or standard input for `-`. @throws {UsageError} when it cannot be read */
  readFile(path: string): Promise<Uint8Array>
  /** @throws {UsageError} when it cannot be written */
  writeFile(path: string, data: string | Uint8Array): Promise<void>
  /** Opens what the environment names. @throws {ConfigError} when that cannot be had, and why */
  openBackend(backend: Backend): Promise<RunningBackend>
  /** Resolves when the process is asked to end. */
  untilStopped(): Promise<void>
}

/** What a command came to: a value for `--json`, and how a person reads it. */
export interface Outcome {
  readonly json: unknown
  /** Lines for people; null when the command has said it all by itself. */
  readonly text: string | null
  /** True when it did not come out well: the process ends with 1. Default: false. */
  readonly failed?: boolean
}

/** One run of a command. */
export interface Call {
  readonly io: Io
  readonly arguments: Arguments
  /** Prints one JSON value, and nothing else. */
  readonly isJson: boolean
  readonly backend: Backend
  /** Opens the database with the schema up to date, and closes it afterwards. */
  withPool<T>(use: (pool: pg.Pool, description: string) => Promise<T>): Promise<T>
}

/** One command, once: parsing, `--help` and the reference are made of these. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** What else is worth knowing, a paragraph or two. */
  readonly description?: string
  readonly arguments: readonly Argument[]
  readonly options: readonly Option<unknown>[]
  /** Settings of the environment that are this command's alone, with what stands for each. */
  readonly environment?: readonly (readonly [names: string, meaning: string])[]
  /** What is typed after the program's name. */
  readonly examples: readonly string[]
  readonly run: (call: Call) => Promise<Outcome>
}
