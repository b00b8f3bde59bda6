#!/usr/bin/env node
import { readFile, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { buffer } from 'node:stream/consumers'
import { openBackend } from './backend.ts'
import { UsageError } from './commands/arguments.ts'
import type { Io } from './commands/command.ts'
import { COMMANDS } from './commands/index.ts'
import { runCommand } from './commands/run.ts'

const { stdin, stdout } = process

const io: Io = {
  env: process.env,
  hasTerminal: stdout.isTTY === true,
  columns: stdout.columns ?? 80,
  canAsk: stdin.isTTY === true && stdout.isTTY === true,
  now: () => new Date(),
  write: (chunk) => void stdout.write(chunk),
  warn: (line) => console.error(line),
  ask,
  readFile: (path) => (path === '-' ? buffer(stdin) : readFile(path)).catch(explain('read', path)),
  writeFile: (path, data) => writeFile(path, data).catch(explain('written', path)),
  openBackend,
  untilStopped: () =>
    new Promise((resolve) => {
      // A second signal does not speed up the shutdown, which continues.
      const stop = (): void => {
        resolve()
        setTimeout(giveUp, STOP_DEADLINE_MS).unref()
      }
      process.once('SIGTERM', stop)
      process.once('SIGINT', stop)
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})
    }),
}

/** How long the server may take to end after a signal, in milliseconds; open requests have 2 s of it. */
const STOP_DEADLINE_MS = 6_000

/** Ending without a shutdown is safe for committed rows: the database recovers them at its next start. */
function giveUp(): never {
  console.error(
    `y-electric: the shutdown took more than ${STOP_DEADLINE_MS} ms: the process ends now`,
  )
  process.exit(1)
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: stdin, output: stdout })
  try {
    // Ctrl-D ends the input without an answer.
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
    return await Promise.race([terminal.question(question), ended])
  } finally {
    terminal.close()
  }
}

const explain = (what: string, path: string) => (cause: Error) => {
  throw new UsageError(`"${path}" cannot be ${what}: ${cause.message}`, { cause })
}

// The reader of our output may close the pipe early (`| head`).
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

runCommand(COMMANDS, process.argv.slice(2), io).then(
  // Open sockets must not keep the process alive. All output is written first.
  (exitCode) => stdout.write('', () => process.exit(exitCode)),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
