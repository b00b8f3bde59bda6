import { RequestError } from '@y-electric/server'
import { isDatabaseUnavailable } from '@y-electric/server/extension'
import type { Command as Parser } from 'commander'
import type pg from 'pg'
import { type Backend, ConfigError, readBackend } from '../config.ts'
import { migrateDatabase } from '../startup/migrate.ts'
import { type Arguments, UsageError } from './arguments.ts'
import type { Call, Command, Io } from './command.ts'
import { ENVIRONMENT, tableOf } from './help.ts'
import { programOf, requireValues } from './program.ts'
import { harmless, harmlessLine } from './text.ts'

const DONE = 0
const FAILED = 1
const WRONG = 2

/**
 * Runs one command line to its end. Without the name of a command, the first runs.
 * @returns the exit code: 0 success, 1 failure, 2 the command line or a setting is wrong
 */
export async function runCommand(
  commands: readonly Command[],
  argv: readonly string[],
  io: Io,
): Promise<number> {
  let exitCode = DONE
  const program = programOf(commands, io, async (command, given) => {
    exitCode = await run(command, given, isJson, io)
  })
  const { operands } = program.parser.parseOptions([...argv])
  const { json: isJson = false, help = false } = program.parser.opts<Everywhere>()
  const [name = commands[0]?.name ?? ''] = operands
  const called = program.commands.find(({ command }) => command.name === name)
  const printHelp = (parser: Parser, table: unknown): void =>
    isJson ? io.write(`${JSON.stringify(table, null, 2)}\n`) : parser.outputHelp()
  try {
    if (help && operands.length === 0) {
      printHelp(program.parser, {
        commands: program.commands.map(tableOf),
        environment: ENVIRONMENT,
      })
    } else if (help && called !== undefined) {
      printHelp(called.parser, tableOf(called))
    } else {
      if (called !== undefined) requireValues(called.parser, argv)
      const named = operands.length === 0 ? [name, ...argv] : [...argv]
      await program.parser.parseAsync(named, { from: 'user' })
    }
    return exitCode
  } catch (error) {
    return report(error, isJson, io)
  }
}

/** The options of every command. */
interface Everywhere {
  readonly json?: true
  readonly help?: true
}

async function run(command: Command, given: Arguments, isJson: boolean, io: Io): Promise<number> {
  const { json, text, failed = false } = await command.run(callOf(given, isJson, io))
  if (isJson && json !== null) io.write(`${JSON.stringify(json, null, 2)}\n`)
  else if (text !== null && text !== '') io.write(forPeople(text, io))
  return failed ? FAILED : DONE
}

/** Adds a line end, and replaces control characters for a terminal. */
function forPeople(text: string, { hasTerminal }: Io): string {
  const line = text.endsWith('\n') ? text : `${text}\n`
  return hasTerminal ? harmless(line) : line
}

function callOf(given: Arguments, isJson: boolean, io: Io): Call {
  const backend = readBackend(io.env)
  return {
    io,
    arguments: given,
    isJson,
    backend,
    withPool: (use) => withPool(io, backend, use),
  }
}

async function withPool<T>(
  io: Io,
  backend: Backend,
  use: (pool: pg.Pool, description: string) => Promise<T>,
): Promise<T> {
  const running = await io.openBackend(backend)
  try {
    await migrateDatabase(running.pool, backend)
    return await use(running.pool, running.description)
  } finally {
    await running.close()
  }
}

/** Reports an error: as JSON with `--json`, in one line if the cause is known. */
function report(error: unknown, isJson: boolean, io: Io): number {
  const { code, message, exitCode } = explained(error)
  if (isJson) io.write(`${JSON.stringify({ error: { code, message } }, null, 2)}\n`)
  else io.warn(`y-electric: ${message}`)
  if (code === 'internal') io.warn(String(error instanceof Error ? error.stack : error))
  return exitCode
}

interface Explained {
  /** An error code of the server, or `usage`, or `configuration`. */
  readonly code: string
  readonly message: string
  readonly exitCode: number
}

function explained(error: unknown): Explained {
  if (error instanceof UsageError) return { code: 'usage', ...messageOf(error, WRONG) }
  if (error instanceof ConfigError) return { code: 'configuration', ...messageOf(error, WRONG) }
  if (error instanceof RequestError) return { code: error.code, ...messageOf(error, FAILED) }
  if (isDatabaseUnavailable(error)) {
    const reason = error instanceof Error && error.message !== '' ? `: ${error.message}` : ''
    return {
      code: 'database_unavailable',
      message: `the database cannot be reached${reason}`,
      exitCode: FAILED,
    }
  }
  return { code: 'internal', ...messageOf(error, FAILED) }
}

const messageOf = (error: unknown, exitCode: number) => ({
  message:
    error instanceof Error
      ? harmlessLine(error.message)
      : 'the command failed for an unknown reason',
  exitCode,
})
