import { isTooDeep } from '../content/nesting.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import {
  type JobInput,
  type JobName,
  type JobOutput,
  type Jobs,
  type WorkerOptions,
  type WorkerPool,
  WorkLimitError,
} from '../work/pool.ts'

/**
 * Does a job on a document within the limits of inspection.
 * @param workers the pool that does the job, unless the input is small
 * @param bytes what its input weighs
 * @param options its buffers in `transfer` are gone afterwards
 * @throws {RequestError} `document_too_large`, and whatever the job throws
 */
export async function runDocumentJob<J extends Jobs, N extends JobName<J>>(
  workers: WorkerPool<J>,
  name: N,
  input: JobInput<J, N>,
  bytes: number,
  limits: Limits,
  options: Pick<WorkerOptions, 'signal' | 'transfer'> = {},
): Promise<JobOutput<J, N>> {
  try {
    return await workers.runJob(name, input, bytes, {
      inlineBytes: limits.inspectInlineBytes,
      timeoutMs: limits.inspectTimeoutMs,
      memoryMb: limits.inspectMemoryMb,
      ...options,
    })
  } catch (error) {
    throw explain(error, limits)
  }
}

function explain(error: unknown, limits: Limits): unknown {
  if (error instanceof WorkLimitError) {
    const raise =
      error.limit === 'time'
        ? `more than inspectTimeoutMs (${limits.inspectTimeoutMs})`
        : `more than inspectMemoryMb (${limits.inspectMemoryMb})`
    return new RequestError('document_too_large', `${error.message}: ${raise}`, { cause: error })
  }
  if (isTooDeep(error)) {
    return new RequestError('document_too_large', 'the document is nested too deeply', {
      cause: error,
    })
  }
  return error
}
