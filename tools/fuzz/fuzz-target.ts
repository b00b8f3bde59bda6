import path from 'node:path'
import type { FuzzArguments } from './arguments.ts'
import type { Failure, Kept } from './engine/campaign.ts'
import { readInput, writeFailure } from './engine/folders.ts'
import { addUp, type FoundKind, type TargetReport } from './report.ts'
import { runChild } from './supervise.ts'
import type { TargetName } from './targets/index.ts'

/** The share of the time, or of the inputs, in which coverage guides the choice of inputs. */
const GUIDED_SHARE = 0.2
/** The most time with coverage, in milliseconds. After that, hardly any input reaches new code. */
const GUIDED_MOST_MS = 120_000
/** The least time for which a second process is started, in milliseconds. */
const LEAST_MS = 5_000

/**
 * Fuzzes one target. The first process is guided by coverage. The next one continues with the inputs that the
 * first kept, without coverage and therefore at least twice as fast. If a process does not finish, another
 * one continues with the next seed.
 */
export async function fuzzTarget(
  target: TargetName,
  fuzz: FuzzArguments,
  say: (text: string) => void,
): Promise<TargetReport> {
  say(`${target}: seed ${fuzz.seed}`)
  const began = performance.now()
  const found = new Map<string, FoundKind>()
  const note = (failure: Failure) => {
    const { kind, message } = failure
    const file = writeFailure(target, failure)
    if (!found.has(kind)) found.set(kind, { kind, message, file, times: 0 })
    say(`  found: ${kind}\n    ${message.split('\n')[0]?.slice(0, 300)}`)
    say(`    again: npm run fuzz -- --target ${target} --input ${file}`)
  }
  let outcomes: Record<string, number | string> = {}
  let figures: Record<string, number | string> = {}
  let kept: readonly Kept[] = []
  let [runs, blocks, processorSeconds, seed] = [0, 0, 0, fuzz.seed]
  const input = fuzz.inputFile && { input: readInput(path.resolve(callerFolder(), fuzz.inputFile)) }
  for (let isGuided = true; ; isGuided = false) {
    const milliseconds = fuzz.milliseconds - (performance.now() - began)
    const left = fuzz.runs - runs
    if (milliseconds <= 0 || left <= 0) break
    const share = isGuided && input === undefined && milliseconds >= LEAST_MS ? GUIDED_SHARE : 1
    const job = {
      target,
      seed,
      milliseconds: share === 1 ? milliseconds : Math.min(milliseconds * share, GUIDED_MOST_MS),
      runs: Math.ceil(left * share),
      isGuided,
      kept,
      ...input,
    }
    const ended = await runChild(job, note)
    // A process that ended before its first input counts as one run, so that the campaign ends in any case.
    runs += ended.result?.runs ?? Math.max(1, ended.runs)
    seed++
    if (ended.result === null) {
      if (input !== undefined) break
      continue
    }
    const { result } = ended
    kept = result.kept
    blocks = Math.max(blocks, result.blocks)
    processorSeconds += result.processorSeconds
    figures = addUp(figures, result.figures)
    outcomes = addUp(outcomes, result.outcomes)
    for (const [kind, times] of Object.entries(result.kinds)) {
      const one = found.get(kind)
      if (one !== undefined) found.set(kind, { ...one, times: one.times + times })
    }
    if (input !== undefined || share === 1) break
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const findings = [...found.values()]
  return {
    target,
    seed: fuzz.seed,
    seconds,
    processorSeconds: Math.round(processorSeconds * 10) / 10,
    runs,
    outcomes: outcomes as Record<string, number>,
    blocks,
    figures,
    findings,
  }
}

/** npm runs scripts in the folder of the package, but the user names files relative to the current folder. */
const callerFolder = (): string => process.env.INIT_CWD ?? process.cwd()
