// The real server code, compiled once, with virtual timers. Its worker threads are replaced by the same jobs
// on the calling thread, because a thread runs in real time; everything else is what ships.
import path from 'node:path'
import type { createApp } from '@y-electric/server'
import { build } from 'vite'
import { compileModule, type Require, type VirtualGlobals } from '../kernel/globals.ts'

const SOURCE = path.resolve(import.meta.dirname, '../../../packages/server/src')

/** `work/pool.ts`, for a simulation. */
const INLINE_WORKERS = `
  import { doJob } from './jobs.ts'
  export class WorkLimitError extends Error {}
  export const runInWorker = async (name, input) => doJob(name, input)
`

export interface ServerProgram {
  readonly createApp: typeof createApp
}

type Evaluate = (globals: VirtualGlobals) => ServerProgram

let compiled: Promise<Evaluate> | undefined

/** Compiles the server, once in this process. */
export function compileServer(): Promise<Evaluate> {
  compiled ??= compile()
  return compiled
}

async function compile(): Promise<Evaluate> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'import.meta.url': JSON.stringify('file:///server.js') },
    plugins: [
      {
        name: 'inline-workers',
        load: (id) => (id === path.join(SOURCE, 'work/pool.ts') ? INLINE_WORKERS : null),
      },
    ],
    build: {
      ssr: path.join(SOURCE, 'app.ts'),
      write: false,
      minify: false,
      target: 'node20',
      rollupOptions: { output: { format: 'cjs', codeSplitting: false } },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  if (output === undefined || !('output' in output)) throw new Error('the server was not built')
  const [chunk] = output.output
  if (chunk?.type !== 'chunk') throw new Error('the server was not built')
  const modules = new Map<string, unknown>()
  for (const name of chunk.imports) modules.set(name, await import(name))
  const require: Require = (name) => {
    if (!modules.has(name)) throw new Error(`the server requires ${name}, which it does not import`)
    return modules.get(name)
  }
  const evaluate = compileModule(chunk.code, 'server-of-the-simulation.cjs')
  return (globals) => evaluate(globals, require) as unknown as ServerProgram
}
