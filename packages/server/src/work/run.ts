import { JOBS } from './jobs.ts'
import { WorkerPool } from './pool.ts'
import { workerFile } from './worker-file.ts'

/** The workers of the server: they check folds, and build versions. */
export const serverWorkers = new WorkerPool({
  jobs: JOBS,
  worker: workerFile(import.meta.url, 'worker.js'),
})
