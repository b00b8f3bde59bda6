// Runs a campaign in several processes. Each process takes its share of the seeds, so the set of seeds does
// not depend on the number of processes. The campaign reports the lowest seed that fails: processes with
// lower seeds continue until they have passed it.
import { type ChildProcess, fork } from 'node:child_process'
import { type Budget, type Campaign, campaign } from './campaign.ts'
import { planOf, run } from './run.ts'

export interface JobOrder {
  readonly type: 'run'
  readonly seed: number
  readonly runs: number
  readonly ms: number
  readonly stride: number
  /** The name of the fault to plant. */
  readonly plant: string | null
}

export interface JobStop {
  readonly type: 'stop'
  readonly before: number
}

type Figures = Omit<Campaign, 'failed'>

export type JobReport =
  | { readonly type: 'begun'; readonly seed: number; readonly done: number }
  | { readonly type: 'ended'; readonly figures: Figures; readonly failedSeed: number | null }

/** A process loads the sources, like the command itself. */
const SOURCES = ['--import', 'tsx', '-C', 'y-electric-source']

/**
 * The young generation of the heap is large enough for some runs, so most objects of a run are garbage before
 * V8 collects. Jobs use all processors, so parallel threads of the collector would only take time from other
 * jobs. Stack traces are off, because the reporting process repeats a failed run.
 */
const FLAGS = [
  '--max-semi-space-size=64',
  '--min-semi-space-size=32',
  '--single-threaded-gc',
  '--stack-trace-limit=0',
]

/** @throws {Error} if a process ends before its runs have ended */
export async function campaignInJobs(budget: Budget, jobs: number): Promise<Campaign> {
  if (jobs <= 1) return campaign(budget)
  const { seed, runs, ms, plant, onBegin } = budget
  const begun = new Map<number, number>()
  const failedSeeds: number[] = []
  const processes: ChildProcess[] = []
  const ended = Array.from({ length: jobs }, (_, index) => {
    const execArgv = [...SOURCES, ...FLAGS]
    const child = fork(new URL('./job.ts', import.meta.url), { execArgv })
    processes.push(child)
    return new Promise<Figures>((resolve, reject) => {
      child.on('message', (report: JobReport) => {
        if (report.type === 'begun') {
          begun.set(index, report.done)
          onBegin?.(report.seed, [...begun.values()].reduce(sum, 0))
          return
        }
        resolve(report.figures)
        if (report.failedSeed === null) return
        failedSeeds.push(report.failedSeed)
        const stop: JobStop = { type: 'stop', before: Math.min(...failedSeeds) }
        for (const other of processes) if (other.connected) other.send(stop)
      })
      child.on('error', reject)
      child.on('exit', (code) => reject(new Error(`a job of the campaign ended early (${code})`)))
      const share = Math.floor(runs / jobs) + (index < runs % jobs ? 1 : 0)
      const order: JobOrder = {
        type: 'run',
        seed: seed + index,
        runs: share,
        ms: ms / jobs,
        stride: jobs,
        plant: plant?.name ?? null,
      }
      child.send(order)
    })
  })
  const all = await Promise.all(ended).finally(() => {
    for (const child of processes) child.kill()
  })
  const total = (of: (figures: Figures) => number): number => all.map(of).reduce(sum, 0)
  return {
    runs: total((one) => one.runs),
    ms: total((one) => one.ms),
    virtualMs: total((one) => one.virtualMs),
    folds: total((one) => one.folds),
    mostTasks: Math.max(...all.map((one) => one.mostTasks)),
    failed:
      failedSeeds.length === 0 ? null : await run(planOf(Math.min(...failedSeeds), plant), plant),
  }
}

const sum = (one: number, other: number): number => one + other
