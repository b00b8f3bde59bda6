import type { Worker } from 'node:worker_threads'
import { RequestError } from '../errors.ts'
import { builtin } from '../node.ts'
import { canStart } from './availability.ts'
import type { JobAnswer, JobMessage, Ready } from './messages.ts'

/** Pure work by name: each takes one value that can be cloned, and returns another. */
// biome-ignore lint/suspicious/noExplicitAny: the input of each job is its own.
export type Jobs = Readonly<Record<string, (input: any) => unknown>>
export type JobName<J extends Jobs> = keyof J & string
export type JobInput<J extends Jobs, N extends JobName<J>> = Parameters<J[N]>[0]
export type JobOutput<J extends Jobs, N extends JobName<J>> = ReturnType<J[N]>

/** Limits of a job. */
export interface WorkerLimits {
  /** Time since the job was sent, in milliseconds; a worker does nothing else meanwhile. */
  readonly timeoutMs: number
  /** Heap, in MiB. */
  readonly memoryMb: number
}

export interface WorkerOptions extends WorkerLimits {
  /** Aborts the job, and ends the worker with it. */
  readonly signal?: AbortSignal | undefined
  /** Buffers that are transferred to the worker instead of copied. */
  readonly transfer?: readonly ArrayBuffer[] | undefined
}

/** Thrown when a worker was stopped because it exceeded a limit. */
export class WorkLimitError extends Error {
  override readonly name = 'WorkLimitError'
  readonly limit: 'time' | 'memory'

  constructor(limit: 'time' | 'memory') {
    super(`it takes too ${limit === 'time' ? 'long' : 'much memory'}`)
    this.limit = limit
  }
}

/** How many idle workers are kept, so that the next job need not wait for one to start. */
export const MAX_IDLE_WORKERS = 2

/** An idle worker ends after this time, in milliseconds. */
export const WORKER_IDLE_MS = 60_000

/** A worker whose heap, garbage included, fills more than this share of its limit after a job is not kept. */
const KEPT_HEAP_PART = 0.5

const MIB = 1024 * 1024

/** An idle worker. */
interface Idle {
  readonly worker: Worker
  readonly memoryMb: number
  readonly end: NodeJS.Timeout
}

export interface WorkerPoolOptions<J extends Jobs> {
  readonly jobs: J
  /** The module that the workers run: it calls `serveJobs` with the same jobs. null: there is none in this bundle. */
  readonly worker: URL | null
}

/** Runs the jobs of one package that may be too much for the event loop in workers. */
export class WorkerPool<J extends Jobs> {
  readonly #jobs: J
  readonly #module: URL | null
  readonly #idle: Idle[] = []
  /** The heap sizes for which an idle worker is starting. */
  readonly #starting = new Set<number>()

  constructor({ jobs, worker }: WorkerPoolOptions<J>) {
    this.#jobs = jobs
    this.#module = worker
  }

  /** How many workers wait for a job. */
  get idleWorkers(): number {
    return this.#idle.length
  }

  /**
   * Runs a job on the event loop if its input is small, otherwise in a worker.
   * @param bytes the weight of the input
   * @throws {WorkLimitError} and any error of the job
   */
  async runJob<N extends JobName<J>>(
    name: N,
    input: JobInput<J, N>,
    bytes: number,
    limits: WorkerOptions & { readonly inlineBytes: number },
  ): Promise<JobOutput<J, N>> {
    return bytes <= limits.inlineBytes
      ? this.#run(name, input)
      : this.runInWorker(name, input, limits)
  }

  #run<N extends JobName<J>>(name: N, input: JobInput<J, N>): JobOutput<J, N> {
    return this.#jobs[name]?.(input) as JobOutput<J, N>
  }

  /**
   * Runs a job in a worker: an idle one, or else a new one. A limiter of the callers bounds how many run at once. A
   * worker that exceeds its limits, fails or is stopped ends, and a new one replaces it, so that no state of it
   * reaches the next job. Where no worker can start, the event loop runs the job, without limits.
   * @throws {WorkLimitError}, the signal's reason, and any error of the job
   */
  runInWorker<N extends JobName<J>>(
    name: N,
    input: JobInput<J, N>,
    { timeoutMs, memoryMb, signal, transfer = [] }: WorkerOptions,
  ): Promise<JobOutput<J, N>> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const module = this.#module
    if (!canStart(module)) return Promise.resolve().then(() => this.#run(name, input))
    const worker = this.#takeIdle(memoryMb) ?? this.#start(module, memoryMb)
    const sentAt = performance.now()
    return new Promise<JobOutput<J, N>>((resolve, reject) => {
      const finish = () => {
        clearTimeout(late)
        signal?.removeEventListener('abort', stop)
        worker.off('message', answered).off('error', failed).off('exit', exited)
      }
      const fail = (error: unknown) => {
        finish()
        stopWorker(worker)
        this.warmUp(memoryMb)
        reject(error)
      }
      const stop = () => fail(signal?.reason)
      const late = setTimeout(() => fail(new WorkLimitError('time')), timeoutMs)
      const failed = (error: Error & { code?: string }) =>
        fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new WorkLimitError('memory') : error)
      const exited = () => fail(new Error(`the worker for ${name} ended without an answer`))
      const answered = (answer: JobAnswer | Ready) => {
        if (answer.type === 'ready') return
        // An answer that arrives after the limit, but before the timer had its turn, is as late as any other.
        if (performance.now() - sentAt > timeoutMs) return fail(new WorkLimitError('time'))
        finish()
        const isKept =
          answer.type !== 'failed' && answer.heapBytes <= KEPT_HEAP_PART * memoryMb * MIB
        if (isKept) this.#keep(worker, memoryMb)
        else stopWorker(worker)
        if (answer.type === 'done') resolve(answer.output as JobOutput<J, N>)
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

  /**
   * Starts an idle worker if there is none. It is used only when it has started: a worker that cannot start
   * (for example because no file can be opened) ends and fails no job.
   */
  warmUp(memoryMb: number): void {
    const module = this.#module
    if (this.#starting.has(memoryMb) || !canStart(module)) return
    if (this.#idle.some((one) => one.memoryMb === memoryMb)) return
    try {
      const worker = this.#start(module, memoryMb)
      worker.unref()
      this.#starting.add(memoryMb)
      worker.once('message', () => this.#keep(worker, memoryMb))
      for (const event of ['message', 'error', 'exit'] as const) {
        worker.once(event, () => this.#starting.delete(memoryMb))
      }
    } catch {
      // The next job tries again, and reports the failure.
    }
  }

  /** Ends the idle workers; busy ones end with their jobs. */
  async endIdleWorkers(): Promise<void> {
    await Promise.all(
      this.#idle.splice(0).map(({ worker, end }) => {
        clearTimeout(end)
        return worker.terminate()
      }),
    )
  }

  #start(module: URL, memoryMb: number): Worker {
    const worker = new (builtin('node:worker_threads').Worker)(module, {
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      // The worker runs under plain Node, whatever loader started this process.
      execArgv: [],
    })
    // An error of a worker that has no job, or is being ended, fails no job.
    worker.on('error', () => this.#forget(worker))
    worker.on('exit', () => this.#forget(worker))
    return worker
  }

  #takeIdle(memoryMb: number): Worker | undefined {
    // The worker that ran last is the warmest.
    const place = this.#idle.findLastIndex((one) => one.memoryMb === memoryMb)
    const [taken] = place < 0 ? [] : this.#idle.splice(place, 1)
    clearTimeout(taken?.end)
    return taken?.worker
  }

  #keep(worker: Worker, memoryMb: number): void {
    worker.unref()
    const end = setTimeout(() => {
      this.#forget(worker)
      void worker.terminate()
    }, WORKER_IDLE_MS).unref()
    this.#idle.push({ worker, memoryMb, end })
    while (this.#idle.length > MAX_IDLE_WORKERS) {
      const oldest = this.#idle.shift()
      clearTimeout(oldest?.end)
      void oldest?.worker.terminate()
    }
  }

  #forget(worker: Worker): void {
    const place = this.#idle.findIndex((one) => one.worker === worker)
    const [gone] = place < 0 ? [] : this.#idle.splice(place, 1)
    clearTimeout(gone?.end)
  }
}

function stopWorker(worker: Worker): void {
  worker.unref()
  void worker.terminate()
}
