// Runs a command of this repository as users do: the build, in a separate process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { BASELINE_WEBASSEMBLY } from '../harness/serverProcess.ts'

const root = path.resolve(import.meta.dirname, '../..')
export const serverScript = path.join(root, 'packages/documents/dist/main.js')
export const embeddedScript = path.join(root, 'packages/embedded/dist/main.js')

export interface Child {
  /** The URL that the process prints. Rejects if the process ends before. */
  readonly url: Promise<string>
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ code: number | null; output: string }>
  output(): string
  kill(signal: NodeJS.Signals): void
  /** Sends SIGTERM, and waits for the end. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Settings of the environment that must not reach the process under test. */
const OURS =
  /^(DATABASE_|ELECTRIC_|AUTHORIZE$|ALLOWED_HOSTS$|CORS_ORIGINS$|AGENT_ORIGINS$|DATA_DIR$|PUBLIC_CACHE$|NODE_ENV$|PORT$|HOST$|VITEST|PG)/

export function startChild(
  script: string,
  env: Readonly<Record<string, string>> = {},
  scriptArguments: readonly string[] = [],
): Child {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OURS.test(name)),
  )
  const child = spawn(process.execPath, [BASELINE_WEBASSEMBLY, script, ...scriptArguments], {
    env: { ...inherited, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  const ended = once(child, 'close').then(([code]: unknown[]) => {
    running.delete(child)
    return { code: typeof code === 'number' ? code : null, output }
  })
  const url = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const found = /https?:\/\/[\d.]+:\d+/.exec(output)
      if (found) resolve(found[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    ended.then(
      ({ code }) => reject(new Error(`the process exited with ${code}: ${output}`)),
      reject,
    )
  })
  url.catch(() => {})
  return {
    url,
    ended,
    output: () => output,
    kill: (signal) => child.kill(signal),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

export const startServer = (env: Readonly<Record<string, string>>): Child =>
  startChild(serverScript, { AUTHORIZE: 'allow-all', ...env })
