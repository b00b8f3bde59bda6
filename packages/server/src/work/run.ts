import { doJob, type JobInput, type JobName, type JobOutput } from './jobs.ts'
import { runInWorker, type WorkerOptions } from './pool.ts'

export { runInWorker, WorkLimitError } from './pool.ts'

/**
 * Does a job here when its input is small, and in a worker when it is not.
 * @param bytes what the input weighs
 * @throws {WorkLimitError} and whatever the job throws
 */
export async function runJob<N extends JobName>(
  name: N,
  input: JobInput<N>,
  bytes: number,
  limits: WorkerOptions & { readonly inlineBytes: number },
): Promise<JobOutput<N>> {
  return bytes <= limits.inlineBytes ? doJob(name, input) : runInWorker(name, input, limits)
}
