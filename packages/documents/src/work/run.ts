import { WorkerPool } from '@y-electric/server/extension'
import { JOBS } from './jobs.ts'

/**
 * Its name is not the name of the server's worker: in the bundle both stand in one folder. Node cannot run the
 * TypeScript source of a worker: from source, the built one is used.
 */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/work/documents-worker.js' : './documents-worker.js',
  import.meta.url,
)

/** The workers that read, write, convert and compare whole documents. */
export const documentWorkers = new WorkerPool({ jobs: JOBS, worker: WORKER })
