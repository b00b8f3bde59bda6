import { transferable } from '../compaction/sources.ts'
import { builtin } from '../node.ts'
import { failureOf, type JobMessage, type JobResult, type Ready } from './messages.ts'
import type { Jobs } from './pool.ts'

/** Makes this thread a worker of a `WorkerPool`: it runs one job after another, until the pool ends it. */
export function serveJobs(jobs: Jobs): void {
  yieldToRequests()
  const { parentPort } = builtin('node:worker_threads')
  const { getHeapStatistics } = builtin('node:v8')
  parentPort?.on('message', ({ name, input }: JobMessage) => {
    const answer = attempt(() => jobs[name]?.(input))
    const buffers = answer.type === 'done' ? buffersIn(answer.output) : []
    const { used_heap_size, external_memory } = getHeapStatistics()
    parentPort?.postMessage({ ...answer, heapBytes: used_heap_size + external_memory }, buffers)
  })
  const ready: Ready = { type: 'ready' }
  parentPort?.postMessage(ready)
}

/**
 * How many nice levels a job is below the thread that answers requests: a job gets a quarter of a processor that both
 * want. With a much lower priority, other processes of a busy machine would keep jobs from ending in time.
 */
const LOWER_BY = 5

/**
 * Lowers the priority of this thread, so that the thread that answers requests gets a processor first. Only
 * Linux has priorities of threads; elsewhere this would slow down the whole process.
 */
function yieldToRequests(): void {
  const { isMainThread } = builtin('node:worker_threads')
  const os = builtin('node:os')
  if (isMainThread || process.platform !== 'linux') return
  try {
    os.setPriority(Math.min(os.getPriority() + LOWER_BY, os.constants.priority.PRIORITY_LOW))
  } catch {
    // A sandbox may forbid this. Jobs then run at normal priority.
  }
}

/**
 * The large buffers in the properties of an output. They are transferred: a copy would block the thread that receives
 * the output.
 */
function buffersIn(output: unknown): ArrayBuffer[] {
  if (typeof output !== 'object' || output === null) return []
  return transferable(...Object.values(output).filter((part) => part instanceof Uint8Array))
}

function attempt(work: () => unknown): JobResult {
  try {
    return { type: 'done', output: work() }
  } catch (error) {
    return failureOf(error)
  }
}
