import { Worker } from 'node:worker_threads'
import { RequestError } from '../errors.ts'
import { doJob, type JobInput, type JobName, type JobOutput } from './jobs.ts'
import type { JobAnswer, JobMessage } from './messages.ts'

/** What a worker may take. */
export interface WorkerLimits {
  readonly timeoutMs: number
  /** Heap, in MiB. */
  readonly memoryMb: number
}

/** Thrown when a worker was stopped because it took more than it may. */
export class WorkLimitError extends Error {
  override readonly name = 'WorkLimitError'
  readonly limit: 'time' | 'memory'

  constructor(limit: 'time' | 'memory') {
    super(`it takes too ${limit === 'time' ? 'long' : 'much memory'}`)
    this.limit = limit
  }
}

/**
 * Does a job here when its input is small, and in a worker of its own when it is not.
 * @param bytes what the input weighs
 * @throws {WorkLimitError} and whatever the job throws
 */
export const runJob = <N extends JobName>(
  name: N,
  input: JobInput<N>,
  bytes: number,
  limits: WorkerLimits & { readonly inlineBytes: number },
): Promise<JobOutput<N>> =>
  bytes <= limits.inlineBytes ? doJob(name, input) : runInWorker(name, input, limits)

/** Node cannot run the TypeScript source of a worker: from source, the built one is used. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/work/worker.js' : './worker.js',
  import.meta.url,
)

/** Does a job in a worker, whatever it weighs. @throws {WorkLimitError} and whatever the job throws */
export function runInWorker<N extends JobName>(
  name: N,
  input: JobInput<N>,
  limits: WorkerLimits,
): Promise<JobOutput<N>> {
  const message: JobMessage = { name, input }
  const worker = new Worker(WORKER, {
    workerData: message,
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
    // The worker runs under plain Node, whatever loader this process was started with.
    execArgv: [],
  })
  return new Promise<JobOutput<N>>((resolve, reject) => {
    const late = setTimeout(() => reject(new WorkLimitError('time')), limits.timeoutMs)
    worker.once('message', (answer: JobAnswer) => {
      if (answer.type === 'done') resolve(answer.output as JobOutput<N>)
      else reject(new RequestError(answer.code, answer.message))
    })
    worker.once('error', (error: Error & { code?: string }) => {
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new WorkLimitError('memory') : error)
    })
    worker.once('exit', () => {
      clearTimeout(late)
      reject(new Error(`the worker for ${name} ended without an answer`))
    })
  }).finally(() => worker.terminate())
}
