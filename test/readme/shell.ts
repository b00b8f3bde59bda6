// Runs commands like a user: from the repository's folder, or from one of the user's, without the variables of this test run.
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../e2e/eventually.ts'
import { root } from './readme.ts'

export interface Outcome {
  readonly code: number | null
  /** Standard output and standard error in the order of arrival. */
  readonly output: string
}

export interface Command {
  readonly child: ChildProcess
  readonly output: () => string
  readonly ended: Promise<Outcome>
  /** Whether a process that the command started, directly or not, still runs. */
  hasChildren(): boolean
  /** Ends it and all its processes like Ctrl-C in a terminal. */
  interrupt(): Promise<Outcome>
  /** Ends all its processes that are left. */
  end(): Promise<void>
}

export type Environment = Readonly<Record<string, string>>

/** Variables that would change a command compared to a fresh clone. */
const notOfAUser =
  /^(npm_|VITEST|TEST$|NODE_ENV$|INIT_CWD$|Y_ELECTRIC_|DATABASE_URL$|ELECTRIC_|PORT$|HOST$|DATA_DIR$|AUTHORIZE$|TURBO_HASH$)/

export function startCommand(command: string, env: Environment = {}, cwd = root): Command {
  const inherited = Object.entries(process.env).filter(([name]) => !notOfAUser.test(name))
  const [program = '', ...args] = command.split(' ')
  const child = spawn(program, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The process group shows whether any process is left.
    detached: true,
  })
  let output = ''
  const read = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve({ code, output }))
  })
  // A caller that does not await the end must not fail because of it.
  ended.catch(() => {})
  const signalGroup = (signal: NodeJS.Signals | 0): boolean => {
    if (child.pid === undefined) return false
    try {
      return process.kill(-child.pid, signal)
    } catch {
      return false
    }
  }
  const endWithUs = () => signalGroup('SIGKILL')
  process.once('exit', endWithUs)
  return {
    child,
    output: () => output,
    ended,
    hasChildren: () => signalGroup(0),
    interrupt() {
      signalGroup('SIGINT')
      return ended
    },
    async end() {
      signalGroup('SIGTERM')
      for (let tries = 0; signalGroup(0) && tries < 50; tries++) await sleep(100)
      signalGroup('SIGKILL')
      process.off('exit', endWithUs)
    },
  }
}

/** Runs a command to its end. */
export async function runCommand(
  command: string,
  env: Environment = {},
  cwd = root,
): Promise<Outcome> {
  const started = startCommand(command, env, cwd)
  try {
    return await started.ended
  } finally {
    await started.end()
  }
}

/** The address that a command prints, found by the first group of the pattern. */
export async function addressIn(command: Command, pattern: RegExp): Promise<string> {
  const found = await eventually(() => {
    const output = withoutColours(command.output())
    if (command.child.exitCode !== null) throw new Error(`it ended: ${output}`)
    return pattern.exec(output)?.[1] ?? false
  })
  return String(found)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour.
const withoutColours = (text: string): string => text.replace(/\u001b\[\d+m/g, '')
