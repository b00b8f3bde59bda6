// Runs commands in a terminal of tmux. If tmux is not installed, runs them as processes whose output
// is a pipe; `hasTerminal` says which one applies.
import { execFile, execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../e2e/eventually.ts'

const run = promisify(execFile)
export const script = path.resolve(import.meta.dirname, '../../packages/documents/dist/main.js')

export const hasTerminal = ((): boolean => {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** Settings of the environment that must not reach the process under test. */
const OURS = /^(DATABASE_|ELECTRIC_|AUTHORIZE$|DATA_DIR$|PUBLIC_CACHE$|NODE_ENV$|PORT$|HOST$|TMUX)/

export const environment = (settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name))),
  ...settings,
})

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command as a program does: its output goes into pipes. */
export async function runPiped(
  argv: readonly string[],
  settings: Readonly<Record<string, string>>,
  input = '',
): Promise<Ended> {
  const started = run(process.execPath, [script, ...argv], { env: environment(settings) })
  started.child.stdin?.end(input)
  try {
    return { code: 0, ...(await started) }
  } catch (error) {
    const { code, stdout, stderr } = error as Ended
    return { code, stdout, stderr }
  }
}

/** The time between two reads of the screen, each of which starts a process. */
const LOOK_MS = 50

/** The marker at the end of a command, with its exit code. */
const ENDED = /^\[ended (\d+)\]$/m

export interface Terminal {
  /** The current screen. */
  screen(): Promise<string>
  /** Types a line. */
  type(line: string): Promise<void>
  /** Waits until the screen matches the pattern. */
  shows(pattern: RegExp): Promise<string>
  /** Waits until the command has ended. */
  ended(): Promise<{ readonly code: number; readonly screen: string }>
  close(): Promise<void>
}

/** Starts a command in a terminal of 100 columns. */
export async function openTerminal(
  argv: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<Terminal> {
  const socket = `y-electric-${randomUUID()}`
  const tmux = async (...args: string[]) =>
    (await run('tmux', ['-L', socket, ...args], { env: environment(settings) })).stdout
  const words = [process.execPath, script, ...argv].map((word) => `'${word}'`).join(' ')
  // The screen stays after the end, so that it can be read.
  const command = `${words}; echo "[ended $?]"; cat`
  await tmux('-f', '/dev/null', 'new-session', '-d', '-x', '100', '-y', '60', command)
  const screen = () => tmux('capture-pane', '-p')
  const shows = async (pattern: RegExp): Promise<string> => {
    let shown = ''
    await eventually(
      async () => {
        shown = await screen()
        return pattern.test(shown)
      },
      30_000,
      LOOK_MS,
    )
    return shown
  }
  return {
    screen,
    shows,
    type: async (line) => {
      await tmux('send-keys', '-l', line)
      await tmux('send-keys', 'Enter')
    },
    async ended() {
      const shown = await shows(ENDED)
      return { code: Number(ENDED.exec(shown)?.[1]), screen: shown.replace(ENDED, '').trimEnd() }
    },
    close: async () => {
      await tmux('kill-server')
    },
  }
}
