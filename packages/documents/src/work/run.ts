import { WorkerPool, workerFile } from '@y-electric/server/extension'
import { JOBS } from './jobs.ts'

/**
 * The workers that read, write, convert and compare whole documents. The name of the file differs from that of the
 * server's worker, because in the bundle both are in one folder.
 */
export const documentWorkers = new WorkerPool({
  jobs: JOBS,
  worker: workerFile(import.meta.url, 'documents-worker.js'),
})
