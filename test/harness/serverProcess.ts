// Starts a server in a separate process, so that it does not share an event loop with measurements and
// replays.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fillPgliteFolder } from './pgliteFolder.ts'

const root = path.resolve(import.meta.dirname, '../..')
export const serverScript = path.join(root, 'packages/documents/dist/main.js')
export const editorFolder = path.join(root, 'apps/editor/dist')

export interface ServerProcess {
  /** The URL of the server, without the mount point. */
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

export interface ServerProcessOptions {
  /** The command; it prints its URL in its first line. Default: the built server. */
  readonly script?: string
  readonly scriptArguments?: readonly string[]
  readonly nodeArguments?: readonly string[]
  /**
   * Added to the environment of this process. Without `DATABASE_URL` the server uses the embedded
   * default, in a folder that is removed.
   */
  readonly env?: Readonly<Record<string, string>>
  /** The server creates the embedded database itself. Otherwise it opens a copy of one, which takes less time. */
  readonly createsDatabase?: boolean
}

/**
 * For `nodeArguments` of a server on PGlite that runs for seconds. In such a run, V8 spends more processor
 * time on optimising WebAssembly than the optimised code saves. With the baseline compiler alone, a start
 * takes half as long. A benchmark must not set these arguments.
 */
export const BASELINE_WEBASSEMBLY = '--liftoff-only'

const stopMs = 5_000

export async function startServerProcess(
  options: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const script = options.script ?? serverScript
  if (!existsSync(script)) throw new Error('the server is not built: run npm run build')
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-server-'))
  // These environment variables of this process would change the settings of the server.
  const {
    DATABASE_URL,
    ELECTRIC_URL,
    AUTHORIZE,
    ALLOWED_HOSTS,
    CORS_ORIGINS,
    AGENT_ORIGINS,
    ...inherited
  } = process.env
  const dataDir = options.env?.DATA_DIR ?? path.join(folder, 'data')
  const isEmbedded = options.env?.DATABASE_URL === undefined
  if (isEmbedded && options.createsDatabase !== true) await fillPgliteFolder(dataDir)
  const child = spawn(
    process.execPath,
    [...(options.nodeArguments ?? []), script, ...(options.scriptArguments ?? [])],
    {
      env: {
        ...inherited,
        AUTHORIZE: 'allow-all',
        HOST: '127.0.0.1',
        PORT: '0',
        DATA_DIR: dataDir,
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  // The server ends together with this process, unless SIGKILL ends this process.
  const endWithUs = () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', endWithUs)
  const stop = async () => {
    await stopChild(child)
    process.off('exit', endWithUs)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const url = await firstAddress(child)
    return { url, pid: child.pid ?? 0, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function firstAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const found = /https?:\/\/[^\s/]+/.exec(output)
      if (found) resolve(found[0])
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      // After the server has started, this process forwards its error output.
      if (/https?:\/\//.test(output)) process.stderr.write(chunk)
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`the server exited with code ${code}: ${output.trim()}`)),
    )
  })
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await ended
  clearTimeout(late)
}
