import { builtin } from '../node.ts'
import { failureOf, type JobMessage, type JobResult, type Ready } from './messages.ts'
import type { Jobs } from './pool.ts'

/** Makes this thread a worker of a `WorkerPool`: it runs one job after another, until the pool ends it. */
export function serveJobs(jobs: Jobs): void {
  const { parentPort } = builtin('node:worker_threads')
  const { getHeapStatistics } = builtin('node:v8')
  parentPort?.on('message', ({ name, input }: JobMessage) => {
    const answer = attempt(() => jobs[name]?.(input))
    const { used_heap_size, external_memory } = getHeapStatistics()
    parentPort?.postMessage({ ...answer, heapBytes: used_heap_size + external_memory })
  })
  const ready: Ready = { type: 'ready' }
  parentPort?.postMessage(ready)
}

function attempt(work: () => unknown): JobResult {
  try {
    return { type: 'done', output: work() }
  } catch (error) {
    return failureOf(error)
  }
}
