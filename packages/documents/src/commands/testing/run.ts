// Runs the command line in this process, with a world around it that a test can look into.
import type { Io } from '../command.ts'
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

/** Nobody is there, and there is no database, unless `given` says otherwise. */
export async function run(
  argv: readonly string[],
  files: Files,
  given: Partial<Io> = {},
): Promise<Ran> {
  const chunks: Buffer[] = []
  const lines: string[] = []
  const io: Io = {
    env: {},
    hasTerminal: false,
    canAsk: false,
    now: () => new Date(),
    write: (chunk) => chunks.push(Buffer.from(chunk)),
    warn: (line) => lines.push(line),
    ask: () => Promise.reject(new Error('nobody was to be asked')),
    readFile: async (path) => Buffer.from(files[path] ?? ''),
    writeFile: async (path, data) => {
      files[path] = data
    },
    openBackend: () => Promise.reject(new Error('no database was to be opened')),
    untilStopped: async () => {},
    ...given,
  }
  const code = await runCommand(COMMANDS, argv, io)
  const bytes = Buffer.concat(chunks)
  return { code, bytes, out: bytes.toString(), err: lines.join('\n') }
}
