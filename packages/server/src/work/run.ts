import { JOBS } from './jobs.ts'
import { WorkerPool } from './pool.ts'

/** Node cannot run the TypeScript source of a worker: code that runs from source uses the built worker. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/work/worker.js' : './worker.js',
  import.meta.url,
)

/** The workers of the server: they check folds, and build versions. */
export const serverWorkers = new WorkerPool({ jobs: JOBS, worker: WORKER })
