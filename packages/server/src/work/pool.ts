import { Worker } from 'node:worker_threads'
import { RequestError } from '../errors.ts'
import type { JobInput, JobName, JobOutput } from './jobs.ts'
import type { JobAnswer, JobMessage, Ready } from './messages.ts'

/** Limits of a job. */
export interface WorkerLimits {
  /** Time from handing it over, in milliseconds; a worker does nothing else meanwhile. */
  readonly timeoutMs: number
  /** Heap, in MiB. */
  readonly memoryMb: number
}

export interface WorkerOptions extends WorkerLimits {
  /** Stops the job, and the worker with it. */
  readonly signal?: AbortSignal | undefined
  /** Buffers that the worker takes over instead of copying them. */
  readonly transfer?: readonly ArrayBuffer[] | undefined
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

/** How many idle workers are kept, so that the next job need not wait until one has started. */
export const MAX_IDLE_WORKERS = 2

/** An idle worker ends after this time, in milliseconds. */
export const WORKER_IDLE_MS = 60_000

/** A worker whose heap, garbage included, is fuller than this part of its limit after a job is not kept. */
const KEPT_HEAP_PART = 0.5

const MIB = 1024 * 1024

/** Node cannot run the TypeScript source of a worker: from source, the built one is used. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/work/worker.js' : './worker.js',
  import.meta.url,
)

/** A worker that waits for a job. */
interface Idle {
  readonly worker: Worker
  readonly memoryMb: number
  readonly end: NodeJS.Timeout
}

const idle: Idle[] = []

/** The heap sizes of which a worker is starting ahead of its first job. */
const starting = new Set<number>()

/**
 * Does a job in a worker: an idle one, or else a new one. The callers take turns, which bounds how many
 * work at once. A worker that exceeds its limits, fails or is stopped ends, and a fresh one takes its
 * place: nothing that happened to it reaches the next job.
 * @throws {WorkLimitError}, the signal's reason, and whatever the job throws
 */
export function runInWorker<N extends JobName>(
  name: N,
  input: JobInput<N>,
  { timeoutMs, memoryMb, signal, transfer = [] }: WorkerOptions,
): Promise<JobOutput<N>> {
  if (signal?.aborted) return Promise.reject(signal.reason)
  const worker = takeIdle(memoryMb) ?? start(memoryMb)
  return new Promise<JobOutput<N>>((resolve, reject) => {
    const finish = () => {
      clearTimeout(late)
      signal?.removeEventListener('abort', stop)
      worker.off('message', answered).off('error', failed).off('exit', exited)
    }
    const fail = (error: unknown) => {
      finish()
      stopWorker(worker)
      keepOneReady(memoryMb)
      reject(error)
    }
    const stop = () => fail(signal?.reason)
    const late = setTimeout(() => fail(new WorkLimitError('time')), timeoutMs)
    const failed = (error: Error & { code?: string }) =>
      fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new WorkLimitError('memory') : error)
    const exited = () => fail(new Error(`the worker for ${name} ended without an answer`))
    const answered = (answer: JobAnswer | Ready) => {
      if (answer.type === 'ready') return
      finish()
      const isKept = answer.type !== 'failed' && answer.heapBytes <= KEPT_HEAP_PART * memoryMb * MIB
      if (isKept) keep(worker, memoryMb)
      else stopWorker(worker)
      if (answer.type === 'done') resolve(answer.output as JobOutput<N>)
      else if (answer.type === 'failed') reject(answer.error)
      else reject(new RequestError(answer.code, answer.message))
    }
    signal?.addEventListener('abort', stop, { once: true })
    worker.on('message', answered).on('error', failed).on('exit', exited)
    worker.ref()
    const message: JobMessage = { name, input }
    try {
      worker.postMessage(message, [...transfer])
    } catch (error) {
      fail(error)
    }
  })
}

/** Starts a worker ahead of its first job. */
export function warmUp(memoryMb: number): void {
  keepOneReady(memoryMb)
}

/** Ends the idle workers; those at work end with their jobs. */
export async function endIdleWorkers(): Promise<void> {
  await Promise.all(
    idle.splice(0).map(({ worker, end }) => {
      clearTimeout(end)
      return worker.terminate()
    }),
  )
}

/** How many workers wait for a job. */
export const idleWorkers = (): number => idle.length

function start(memoryMb: number): Worker {
  const worker = new Worker(WORKER, {
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    // The worker runs under plain Node, whatever loader this process was started with.
    execArgv: [],
  })
  // An error of a worker that has no job, or was told to end, fails no job.
  worker.on('error', () => forget(worker))
  worker.on('exit', () => forget(worker))
  return worker
}

function takeIdle(memoryMb: number): Worker | undefined {
  // The last one that worked is the warmest.
  const place = idle.findLastIndex((one) => one.memoryMb === memoryMb)
  const [taken] = place < 0 ? [] : idle.splice(place, 1)
  clearTimeout(taken?.end)
  return taken?.worker
}

function keep(worker: Worker, memoryMb: number): void {
  worker.unref()
  const end = setTimeout(() => {
    forget(worker)
    void worker.terminate()
  }, WORKER_IDLE_MS).unref()
  idle.push({ worker, memoryMb, end })
  while (idle.length > MAX_IDLE_WORKERS) {
    const oldest = idle.shift()
    clearTimeout(oldest?.end)
    void oldest?.worker.terminate()
  }
}

/**
 * Starts a worker that waits for a job, if none does. It gets one only when it has started: one that
 * cannot start (no file can be opened, say) ends, and fails no job.
 */
function keepOneReady(memoryMb: number): void {
  if (starting.has(memoryMb) || idle.some((one) => one.memoryMb === memoryMb)) return
  try {
    const worker = start(memoryMb)
    worker.unref()
    starting.add(memoryMb)
    worker.once('message', () => keep(worker, memoryMb))
    for (const event of ['message', 'error', 'exit'] as const) {
      worker.once(event, () => starting.delete(memoryMb))
    }
  } catch {
    // The next job tries again, and says what is wrong.
  }
}

function forget(worker: Worker): void {
  const place = idle.findIndex((one) => one.worker === worker)
  const [gone] = place < 0 ? [] : idle.splice(place, 1)
  clearTimeout(gone?.end)
}

function stopWorker(worker: Worker): void {
  worker.unref()
  void worker.terminate()
}
