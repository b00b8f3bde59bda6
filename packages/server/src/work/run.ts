import { JOBS } from './jobs.ts'
import { WorkerPool } from './pool.ts'

/**
 * Node cannot run the TypeScript source of a worker: code that runs from source uses the built worker. A bundler would take
 * `new URL('…', import.meta.url)` for an asset, and emit the worker without what it imports.
 */
const here = import.meta.url
const WORKER = new URL(here.endsWith('.ts') ? '../../dist/work/worker.js' : './worker.js', here)

/** The workers of the server: they check folds, and build versions. */
export const serverWorkers = new WorkerPool({ jobs: JOBS, worker: WORKER })
