import type { Limits } from '@y-electric/server'
import {
  type JobInput,
  type JobName,
  type JobOutput,
  runDocumentJob as runWithin,
  type WorkerOptions,
} from '@y-electric/server/extension'
import type { JOBS } from '../work/jobs.ts'
import { documentWorkers } from '../work/run.ts'

type DocumentJobs = typeof JOBS

/**
 * Does a job on a document within the limits of inspection.
 * @param bytes what its input weighs
 * @param options its buffers in `transfer` are gone afterwards
 * @throws {RequestError} `document_too_large`, and whatever the job throws
 */
export const runDocumentJob = <N extends JobName<DocumentJobs>>(
  name: N,
  input: JobInput<DocumentJobs, N>,
  bytes: number,
  limits: Limits,
  options: Pick<WorkerOptions, 'signal' | 'transfer'> = {},
): Promise<JobOutput<DocumentJobs, N>> =>
  runWithin(documentWorkers, name, input, bytes, limits, options)
