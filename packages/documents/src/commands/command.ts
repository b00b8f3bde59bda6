import type { Argument } from 'commander'
import type pg from 'pg'
import type { RunningBackend } from '../backend.ts'
import type { Backend } from '../config.ts'
import type { Arguments } from './arguments.ts'
import type { Option } from './options.ts'

/** The environment of a command: its input and output. `main` passes that of the process. */
export interface Io {
  readonly env: NodeJS.ProcessEnv
  /** Standard output is a terminal. */
  readonly hasTerminal: boolean
  /** The width of the terminal, to which help is wrapped. */
  readonly columns: number
  /** A person can answer a question. */
  readonly canAsk: boolean
  /** The current time, for relative dates. */
  readonly now: () => Date
  /** Writes to standard output. */
  write(chunk: string | Uint8Array): void
  /** Writes to standard error. */
  warn(line: string): void
  /** Asks on the terminal. @returns the typed line; empty at the end of input */
  ask(question: string): Promise<string>
  /** Reads a file, or standard input for `-`. @throws {UsageError} if it cannot be read */
  readFile(path: string): Promise<Uint8Array>
  /** @throws {UsageError} if the file cannot be written */
  writeFile(path: string, data: string | Uint8Array): Promise<void>
  /** Opens the configured database. @throws {ConfigError} with the reason if that fails */
  openBackend(backend: Backend): Promise<RunningBackend>
  /** Resolves when the process is asked to end. */
  untilStopped(): Promise<void>
}

/** The result of a command: a value for `--json`, and a text for people. */
export interface Outcome {
  readonly json: unknown
  /** Lines for people; null if the command has printed them itself. */
  readonly text: string | null
  /** True if the command failed: the process ends with 1. Default: false. */
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

/** The one description of a command: parsing, `--help` and the reference are made from it. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** Further explanation, a paragraph or two. */
  readonly description?: string
  readonly arguments: readonly Argument[]
  readonly options: readonly Option<unknown>[]
  /** Environment settings of this command only, with their meanings. */
  readonly environment?: readonly (readonly [names: string, meaning: string])[]
  /** Examples of arguments after the program's name. */
  readonly examples: readonly string[]
  readonly run: (call: Call) => Promise<Outcome>
}
