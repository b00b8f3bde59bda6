// Runs the command line in this process, with an environment that a test can inspect.
import type { Command, Io } from '../command.ts'
import { COMMANDS } from '../index.ts'
import { runCommand } from '../run.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly bytes: Buffer
  readonly err: string
}

/** Files by name; `-` is standard input. */
export type Files = Record<string, string | Uint8Array>

export const run = (argv: readonly string[], files: Files, given: Partial<Io> = {}): Promise<Ran> =>
  runAny(COMMANDS, argv, files, given)

/** Without a person and without a database, unless `given` provides them. */
export async function runAny(
  commands: readonly Command[],
  argv: readonly string[],
  files: Files,
  given: Partial<Io> = {},
): Promise<Ran> {
  const chunks: Buffer[] = []
  const lines: string[] = []
  const io: Io = {
    env: {},
    hasTerminal: false,
    columns: 80,
    canAsk: false,
    now: () => new Date(),
    write: (chunk) => chunks.push(Buffer.from(chunk)),
    warn: (line) => lines.push(line),
    ask: () => Promise.reject(new Error('the command must not ask')),
    readFile: async (path) => Buffer.from(files[path] ?? ''),
    writeFile: async (path, data) => {
      files[path] = data
    },
    openBackend: () => Promise.reject(new Error('the command must not open a database')),
    untilStopped: async () => {},
    ...given,
  }
  const code = await runCommand(commands, argv, io)
  const bytes = Buffer.concat(chunks)
  return { code, bytes, out: bytes.toString(), err: lines.join('\n') }
}
