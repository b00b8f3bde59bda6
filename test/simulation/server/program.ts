// The real server code, compiled once, with virtual timers. Worker threads run in real time, so their jobs
// run on the calling thread instead. Everything else is the shipped code.
import type { createApp } from '@y-electric/server'
import type { VirtualGlobals } from '../kernel/globals.ts'
import { compileProgram } from '../kernel/program.ts'
import { SERVER_MUTANTS } from '../plants/server-mutants.ts'

/** The replacement of `work/pool.ts` in a simulation. */
const INLINE_WORKERS = `
  export class WorkLimitError extends Error {}
  export class WorkerPool {
    constructor({ jobs }) {
      this.jobs = jobs
    }
    async runJob(name, input) {
      return this.jobs[name](input)
    }
    async runInWorker(name, input) {
      return this.jobs[name](input)
    }
    warmUp() {}
    async endIdleWorkers() {}
  }
`

export interface ServerProgram {
  readonly createApp: typeof createApp
}

type Evaluate = (globals: VirtualGlobals, mutant: string | null) => ServerProgram

let compiled: Promise<Evaluate> | undefined

/** Compiles the server, once in this process. */
export function compileServer(): Promise<Evaluate> {
  compiled ??= compileProgram({
    entry: 'server/src/app.ts',
    mutants: SERVER_MUTANTS,
    replaced: { 'server/src/work/pool.ts': INLINE_WORKERS },
  }) as Promise<unknown> as Promise<Evaluate>
  return compiled
}
