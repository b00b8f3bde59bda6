// Fuzzes one target in a separate process. If an input never ends, or ends the process, the parent knows the
// input and continues with others.
import './engine/seeded-chance.ts'
import { closeSync, openSync, writeSync } from 'node:fs'
import { type CampaignResult, type Failure, type Kept, runCampaign } from './engine/campaign.ts'
import { Coverage } from './engine/coverage.ts'
import { readCorpus } from './engine/folders.ts'
import { asFinding, type Json } from './engine/target.ts'
import { openTarget, type TargetName } from './targets/index.ts'

/** The job that the parent sends. */
export interface ChildJob {
  readonly target: TargetName
  readonly seed: number
  readonly milliseconds: number
  readonly runs: number
  /** Whether coverage guides the choice of inputs, which makes most targets at least twice as slow. */
  readonly isGuided: boolean
  /** Inputs that an earlier child kept, to be mutated. */
  readonly kept: readonly Kept[]
  /** The file to which the running input is written. */
  readonly currentFile: string
  /** One input instead of a campaign. */
  readonly input?: Json
}

export interface ChildResult extends CampaignResult {
  readonly blocks: number
  /** The processor time of the campaign, since clock time means little on a busy machine. */
  readonly processorSeconds: number
  readonly figures: Readonly<Record<string, number | string>>
}

/** A message of the child. */
export type ChildMessage =
  | { readonly type: 'running'; readonly runs: number }
  | { readonly type: 'failure'; readonly failure: Failure }
  /** The fuzzer itself failed. */
  | { readonly type: 'broken'; readonly message: string }
  | { readonly type: 'done'; readonly result: ChildResult }

/**
 * The limit is low, since most inputs throw an error, and creating a long stack trace takes as long as the
 * check.
 */
const STACK_FRAMES = 4
/** The interval in which the child reports that it is alive, in milliseconds. */
const ALIVE_MS = 2_000

const tell = (message: ChildMessage, then = () => {}) => process.send?.(message, then)
/** Exits at once, because timers and sockets of the libraries under test could keep the process alive. */
const leave = () => process.exit(0)

// Not `once`, because the channel keeps the process alive only while it has a listener.
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
    // The line end marks the end of the input, because the file may still contain the rest of a longer input.
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
      shouldContinue: (runs) => {
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

// Ends the campaign if the parent is killed, because no other process would end it.
process.once('disconnect', () => process.exit(1))

process.once('uncaughtException', (error) => {
  const { kind, message } = asFinding(error)
  console.error(error)
  // The parent stores the input that was running.
  const failure = { kind: `uncaught: ${kind}`, message, input: null, seed: 0, run: 0 }
  tell({ type: 'failure', failure }, () => process.exit(1))
})
