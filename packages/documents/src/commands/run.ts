import { RequestError } from '@y-electric/server'
import { isDatabaseUnavailable } from '@y-electric/server/extension'
import type pg from 'pg'
import { type Backend, ConfigError, readBackend } from '../config.ts'
import { migrateDatabase } from '../startup/migrate.ts'
import { parseArguments, UsageError } from './arguments.ts'
import type { Call, Command, Io } from './command.ts'
import { commandHelp, ENVIRONMENT, programHelp, tableOf } from './help.ts'
import { harmless, harmlessLine } from './text.ts'

const DONE = 0
const FAILED = 1
const WRONG = 2

/**
 * Runs one command line to its end. Without a command it is `first`'s.
 * @returns the exit code: 0 done, 1 failed, 2 the command line or a setting is wrong
 */
export async function runCommand(
  commands: readonly Command[],
  argv: readonly string[],
  io: Io,
): Promise<number> {
  try {
    return await run(commands, argv, io)
  } catch (error) {
    return report(error, argv.includes('--json'), io)
  }
}

async function run(commands: readonly Command[], argv: readonly string[], io: Io): Promise<number> {
  const [first = ''] = argv
  const isNamed = first !== '' && !first.startsWith('-')
  if (!isNamed && argv.some((argument) => argument === '--help' || argument === '-h')) {
    return printHelp(
      programHelp(commands),
      { commands: commands.map(tableOf), environment: ENVIRONMENT },
      argv,
      io,
    )
  }
  const command = isNamed ? commands.find(({ name }) => name === first) : commands[0]
  if (command === undefined) {
    const names = commands.map(({ name }) => name).join(' ')
    throw new UsageError(`there is no command "${first}" (see --help). There are: ${names}`)
  }
  const given = parseArguments(command.name, command, isNamed ? argv.slice(1) : argv)
  if (given.wantsHelp) return printHelp(commandHelp(command), tableOf(command), argv, io)

  const { json, text, failed = false } = await command.run(callOf(given, io))
  if (given.isJson && json !== null) io.write(`${JSON.stringify(json, null, 2)}\n`)
  else if (text !== null && text !== '') io.write(forPeople(text, io))
  return failed ? FAILED : DONE
}

/** Ended with a line; on a terminal without what could steer it. */
function forPeople(text: string, { hasTerminal }: Io): string {
  const line = text.endsWith('\n') ? text : `${text}\n`
  return hasTerminal ? harmless(line) : line
}

function printHelp(text: string, json: unknown, argv: readonly string[], io: Io): number {
  io.write(argv.includes('--json') ? `${JSON.stringify(json, null, 2)}\n` : text)
  return DONE
}

function callOf(given: ReturnType<typeof parseArguments>, io: Io): Call {
  const backend = readBackend(io.env)
  return {
    io,
    arguments: given,
    isJson: given.isJson,
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

/** Says what went wrong: as JSON where that was asked for, in a line where the cause is known. */
function report(error: unknown, isJson: boolean, io: Io): number {
  const { code, message, exitCode } = explained(error)
  if (isJson) io.write(`${JSON.stringify({ error: { code, message } }, null, 2)}\n`)
  else io.warn(`y-electric: ${message}`)
  if (code === 'internal') io.warn(String(error instanceof Error ? error.stack : error))
  return exitCode
}

interface Explained {
  /** One of the server's, or `usage`, or `configuration`. */
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
  message: error instanceof Error ? harmlessLine(error.message) : 'something went wrong',
  exitCode,
})
