import os from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import { failureOf, type JobMessage, type JobResult, type Ready } from './messages.ts'
import type { Jobs } from './pool.ts'

/** Makes this thread a worker of a `WorkerPool`: it runs one job after another, until the pool ends it. */
export function serveJobs(jobs: Jobs): void {
  yieldToRequests()
  parentPort?.on('message', ({ name, input }: JobMessage) => {
    const answer = attempt(() => jobs[name]?.(input))
    const { used_heap_size, external_memory } = getHeapStatistics()
    parentPort?.postMessage({ ...answer, heapBytes: used_heap_size + external_memory })
  })
  const ready: Ready = { type: 'ready' }
  parentPort?.postMessage(ready)
}

/**
 * Lowers the priority of this thread, so that the thread that answers requests gets a processor first. Only
 * Linux has priorities of threads; elsewhere this would slow down the whole process.
 */
function yieldToRequests(): void {
  if (process.platform !== 'linux') return
  try {
    os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // A sandbox may forbid it, and jobs run without it.
  }
}

function attempt(work: () => unknown): JobResult {
  try {
    return { type: 'done', output: work() }
  } catch (error) {
    return failureOf(error)
  }
}
