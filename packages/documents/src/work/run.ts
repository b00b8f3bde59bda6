import { WorkerPool } from '@y-electric/server/extension'
import { JOBS } from './jobs.ts'

/**
 * Its name differs from that of the server's worker, because in the bundle both are in one folder. Node cannot run
 * the TypeScript source of a worker: code that runs from source uses the built worker.
 */
const here = import.meta.url
const WORKER = new URL(
  here.endsWith('.ts') ? '../../dist/work/documents-worker.js' : './documents-worker.js',
  here,
)

/** The workers that read, write, convert and compare whole documents. */
export const documentWorkers = new WorkerPool({ jobs: JOBS, worker: WORKER })
