import { isTooDeep } from '../content/nesting.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { JobInput, JobName, JobOutput } from '../work/jobs.ts'
import { runJob, WorkLimitError } from '../work/run.ts'

/**
 * The weight of a job whose input may be damaged, so that a worker does it: a damaged row may claim to be a
 * document of any size.
 */
export const IN_WORKER = Number.POSITIVE_INFINITY

/**
 * Does a job on a document within the limits of inspection.
 * @param bytes what its input weighs
 * @throws {RequestError} `document_too_large`, and whatever the job throws
 */
export async function runDocumentJob<N extends JobName>(
  name: N,
  input: JobInput<N>,
  bytes: number,
  limits: Limits,
): Promise<JobOutput<N>> {
  try {
    return await runJob(name, input, bytes, {
      inlineBytes: limits.inspectInlineBytes,
      timeoutMs: limits.inspectTimeoutMs,
      memoryMb: limits.inspectMemoryMb,
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
