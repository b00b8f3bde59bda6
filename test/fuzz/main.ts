// `npm run fuzz`: hostile inputs against one part after the other. See `--help`.
import path from 'node:path'
import { type FuzzArguments, HELP, readArguments, UsageError } from './arguments.ts'
import type { Failure } from './engine/campaign.ts'
import { readInput, writeFailure } from './engine/folders.ts'
import { runChild } from './supervise.ts'
import type { TargetName } from './targets/index.ts'

const exitCodes = { clean: 0, found: 1, misused: 2 } as const

interface TargetReport {
  readonly target: TargetName
  readonly seed: number
  readonly seconds: number
  readonly runs: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly blocks: number
  readonly figures: Readonly<Record<string, number | string>>
  readonly findings: readonly { kind: string; message: string; file: string; times: number }[]
}

async function main(): Promise<number> {
  const fuzz = readArguments(process.argv.slice(2))
  if (fuzz === null) {
    console.log(HELP)
    return exitCodes.clean
  }
  const say = fuzz.json ? console.error : console.log
  const reports: TargetReport[] = []
  for (const target of fuzz.targets) {
    const report = await fuzzTarget(target, fuzz, say)
    reports.push(report)
    say(formatReport(report))
  }
  if (fuzz.json) console.log(JSON.stringify({ seed: fuzz.seed, targets: reports }))
  return reports.some(({ findings }) => findings.length > 0) ? exitCodes.found : exitCodes.clean
}

/** Starts a process again after one that did not come to its end, with the next seed. */
async function fuzzTarget(
  target: TargetName,
  fuzz: FuzzArguments,
  say: (text: string) => void,
): Promise<TargetReport> {
  say(`${target}: seed ${fuzz.seed}`)
  const began = performance.now()
  const found = new Map<string, { kind: string; message: string; file: string; times: number }>()
  const note = (failure: Failure) => {
    const file = writeFailure(target, failure)
    found.set(failure.kind, { kind: failure.kind, message: failure.message, file, times: 1 })
    say(`  found: ${failure.kind}\n    ${failure.message.split('\n')[0]?.slice(0, 300)}`)
    say(`    again: npm run fuzz -- --target ${target} --input ${file}`)
  }
  const outcomes: Record<string, number> = {}
  let figures: Readonly<Record<string, number | string>> = {}
  let [runs, blocks, seed] = [0, 0, fuzz.seed]
  const input = fuzz.inputFile && { input: readInput(path.resolve(callerFolder(), fuzz.inputFile)) }
  for (;;) {
    const milliseconds = fuzz.milliseconds - (performance.now() - began)
    const left = fuzz.runs - runs
    if (milliseconds <= 0 || left <= 0) break
    const ended = await runChild({ target, seed, milliseconds, runs: left, ...input }, note)
    runs += ended.result?.runs ?? ended.runs
    blocks = Math.max(blocks, ended.result?.blocks ?? 0)
    figures = ended.result?.figures ?? figures
    for (const [name, count] of Object.entries(ended.result?.outcomes ?? {})) {
      outcomes[name] = (outcomes[name] ?? 0) + count
    }
    for (const [kind, times] of Object.entries(ended.result?.kinds ?? {})) {
      const one = found.get(kind)
      if (one !== undefined) one.times = times
    }
    if (ended.result !== null || fuzz.inputFile !== undefined) break
    seed++
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const findings = [...found.values()]
  return { target, seed: fuzz.seed, seconds, runs, outcomes, blocks, figures, findings }
}

function formatReport({
  target,
  seed,
  seconds,
  runs,
  outcomes,
  blocks,
  figures,
  findings,
}: TargetReport) {
  const list = (values: Readonly<Record<string, number | string>>) =>
    Object.entries(values)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name} ${value.toLocaleString('en')}`)
      .join(', ')
  return [
    `${target}: ${runs.toLocaleString('en')} inputs in ${seconds} s (seed ${seed}), ${blocks} blocks of code reached, ${findings.length} findings`,
    `  outcomes: ${list(outcomes)}`,
    ...(Object.keys(figures).length > 0 ? [`  figures: ${list(figures)}`] : []),
  ].join('\n')
}

/** npm runs scripts in the folder of the package, but a file is named from where the person is. */
const callerFolder = (): string => process.env.INIT_CWD ?? process.cwd()

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof UsageError ? `fuzz: ${error.message}\n\n${HELP}` : error)
    process.exit(error instanceof UsageError ? exitCodes.misused : exitCodes.found)
  },
)
