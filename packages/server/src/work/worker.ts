import { getHeapStatistics } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import { doJob } from './jobs.ts'
import { failureOf, type JobMessage, type JobResult, type Ready } from './messages.ts'

/** One job after another, until the pool ends this worker. */
parentPort?.on('message', ({ name, input }: JobMessage) => {
  const answer = attempt(() => doJob(name, input as never))
  const { used_heap_size, external_memory } = getHeapStatistics()
  parentPort?.postMessage({ ...answer, heapBytes: used_heap_size + external_memory })
})
const ready: Ready = { type: 'ready' }
parentPort?.postMessage(ready)

function attempt(work: () => unknown): JobResult {
  try {
    return { type: 'done', output: work() }
  } catch (error) {
    return failureOf(error)
  }
}
