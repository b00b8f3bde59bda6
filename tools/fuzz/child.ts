// One target in a process of its own: an input that never ends, or that ends the process, is known to
// the parent and ends nothing else.
import './engine/seeded-chance.ts'
import { closeSync, openSync, writeSync } from 'node:fs'
import { type CampaignResult, type Failure, type Kept, runCampaign } from './engine/campaign.ts'
import { Coverage } from './engine/coverage.ts'
import { readCorpus } from './engine/folders.ts'
import { asFinding, type Json } from './engine/target.ts'
import { openTarget, type TargetName } from './targets/index.ts'

/** What the parent asks for. */
export interface ChildJob {
  readonly target: TargetName
  readonly seed: number
  readonly milliseconds: number
  readonly runs: number
  /** Whether coverage guides the choice of inputs: with it, most targets take twice as long or more. */
  readonly isGuided: boolean
  /** What an earlier child kept, to be changed. */
  readonly kept: readonly Kept[]
  /** Where the input that runs now is written. */
  readonly currentFile: string
  /** One input instead of a campaign. */
  readonly input?: Json
}

export interface ChildResult extends CampaignResult {
  readonly blocks: number
  /** Processor time of the campaign: on a busy machine the time says little. */
  readonly processorSeconds: number
  readonly figures: Readonly<Record<string, number | string>>
}

/** What the child tells. */
export type ChildMessage =
  | { readonly type: 'running'; readonly runs: number }
  | { readonly type: 'failure'; readonly failure: Failure }
  /** The fuzzer itself has a fault. */
  | { readonly type: 'broken'; readonly message: string }
  | { readonly type: 'done'; readonly result: ChildResult }

/** Most inputs are refused with an error, and long stacks take as long as the judgement. */
const STACK_FRAMES = 4
/** How often the child tells that it is alive, in milliseconds. */
const ALIVE_MS = 2_000

const tell = (message: ChildMessage, then = () => {}) => process.send?.(message, then)
/** At once: timers and sockets of the libraries under test would keep the process for minutes, or for ever. */
const leave = () => process.exit(0)

// Not `once`: without a listener the channel would not keep the process alive.
process.on('message', (job: ChildJob) => {
  run(job).then(
    (result) => {
      tell({ type: 'done', result }, leave)
    },
    (error: unknown) => {
      const message = error instanceof Error ? String(error.stack) : String(error)
      tell({ type: 'broken', message }, leave)
    },
  )
})

async function run(job: ChildJob): Promise<ChildResult> {
  const target = await openTarget(job.target)
  if (job.input === undefined) Error.stackTraceLimit = STACK_FRAMES
  const current = openSync(job.currentFile, 'w')
  const before = process.cpuUsage()
  const until = performance.now() + job.milliseconds
  let toldAt = 0
  const note = (input: Json) => {
    // The line end tells where it ends: a shorter input leaves the rest of a longer one behind it.
    writeSync(current, `${JSON.stringify(input)}\n`, 0)
  }
  const alive = (runs: number) => {
    if (performance.now() - toldAt < ALIVE_MS) return
    toldAt = performance.now()
    tell({ type: 'running', runs })
  }
  const coverage = job.isGuided ? new Coverage() : null
  try {
    const only = job.input
    const result = await runCampaign({
      target,
      seed: job.seed,
      corpus: only === undefined ? readCorpus(job.target) : [only],
      goesOn: (runs) => {
        alive(runs)
        return only === undefined && runs < job.runs && performance.now() < until
      },
      coverage,
      kept: job.kept,
      shrinks: true,
      onInput: (input) => {
        alive(0)
        note(input)
      },
      onFailure: (failure) => tell({ type: 'failure', failure }),
    })
    const { user, system } = process.cpuUsage(before)
    return {
      ...result,
      blocks: coverage?.blocks ?? 0,
      processorSeconds: (user + system) / 1e6,
      figures: target.figures?.() ?? {},
    }
  } finally {
    coverage?.close()
    closeSync(current)
    await target.close?.()
  }
}

// The parent may be killed, and nobody else ends a campaign.
process.once('disconnect', () => process.exit(1))

process.once('uncaughtException', (error) => {
  const { kind, message } = asFinding(error)
  console.error(error)
  // The parent stores the input that ran.
  const failure = { kind: `uncaught: ${kind}`, message, input: null, seed: 0, run: 0 }
  tell({ type: 'failure', failure }, () => process.exit(1))
})
