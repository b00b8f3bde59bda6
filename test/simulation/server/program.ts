// The real server code, compiled once, with virtual timers. Worker threads run in real time, so their jobs
// run on the calling thread instead. Everything else is the shipped code.
import type { createApp } from '@y-electric/server'
import { Copies, type Lease } from '../kernel/copies.ts'
import type { GlobalsOptions } from '../kernel/globals.ts'
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

/**
 * Returns a copy of the server's code for one process. The code has no state outside of the result of
 * `createApp`.
 */
type TakeServer = (options: GlobalsOptions, mutant: string | null, lease: Lease) => ServerProgram

let compiled: Promise<TakeServer> | undefined

/** Compiles the server, once in this process. */
export function compileServer(): Promise<TakeServer> {
  compiled ??= compile()
  return compiled
}

async function compile(): Promise<TakeServer> {
  const program = await compileProgram({
    entry: 'server/src/app.ts',
    mutants: SERVER_MUTANTS,
    replaced: { 'server/src/work/pool.ts': INLINE_WORKERS },
  })
  const copies = new Map<string | null, Copies<ServerProgram>>()
  return (options, mutant, lease) => {
    const ofMutant =
      copies.get(mutant) ??
      new Copies((globals) => program(globals, mutant) as unknown as ServerProgram)
    copies.set(mutant, ofMutant)
    return ofMutant.take(options, lease)
  }
}
