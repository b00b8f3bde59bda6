// The final report of the command, for one target and for all of them.
import { ACCEPTED } from './engine/target.ts'
import type { TargetName } from './targets/index.ts'

export interface TargetReport {
  readonly target: TargetName
  readonly seed: number
  readonly seconds: number
  /** The processor time of the processes that have ended, in seconds. */
  readonly processorSeconds: number
  readonly runs: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly blocks: number
  readonly figures: Readonly<Record<string, number | string>>
  readonly findings: readonly FoundKind[]
}

/** A kind of finding, and the file with an input that causes it. */
export interface FoundKind {
  readonly kind: string
  readonly message: string
  readonly file: string
  readonly times: number
}

/** The total of all targets. */
export interface Totals {
  readonly inputs: number
  readonly findings: number
  readonly seconds: number
}

export const totalsOf = (reports: readonly TargetReport[]): Totals => ({
  inputs: sum(reports.map(({ runs }) => runs)),
  findings: sum(reports.map(({ findings }) => findings.length)),
  seconds: Math.round(sum(reports.map(({ seconds }) => seconds)) * 10) / 10,
})

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

export function formatReport(report: TargetReport): string {
  const { target, seed, seconds, processorSeconds, runs, outcomes, blocks, figures, findings } =
    report
  const { accepted, crashes, stalls } = verdictOf(report)
  return [
    `${target}: ${runs.toLocaleString('en')} inputs in ${seconds} s, ${processorSeconds} s of processor time (seed ${seed}), ${blocks} blocks of code reached, ${findings.length} findings`,
    `  accepted ${accepted.toLocaleString('en')}, crashes ${crashes}, stalls ${stalls}, seed ${seed}`,
    `  outcomes: ${formatList(outcomes)}`,
    ...(Object.keys(figures).length > 0 ? [`  figures: ${formatList(figures)}`] : []),
  ].join('\n')
}

/** The most important figures of a run. */
export interface Verdict {
  /** Inputs that were not refused. */
  readonly accepted: number
  /** Unexpected exceptions, and inputs that ended the process. */
  readonly crashes: number
  /** Inputs that took too long or never ended, and honest requests that waited for the server. */
  readonly stalls: number
}

export function verdictOf({ runs, outcomes, figures, findings }: Verdicts): Verdict {
  const named = figures[ACCEPTED]
  const refused = Object.entries(outcomes).filter(([name]) => /refused|^finding$/.test(name))
  const timesOf = (pattern: RegExp): number =>
    sum(findings.filter(({ kind }) => pattern.test(kind)).map(({ times }) => Math.max(1, times)))
  const stalled = Object.entries(figures).filter(([name]) => /^honest requests stalled/.test(name))
  return {
    accepted: typeof named === 'number' ? named : runs - sum(refused.map(([, times]) => times)),
    crashes: timesOf(/throws |ends the process|does not exit/),
    stalls:
      timesOf(/^slow: |does not end|waits for/) +
      sum(stalled.map(([, times]) => (typeof times === 'number' ? times : 0))),
  }
}

type Verdicts = Pick<TargetReport, 'runs' | 'outcomes' | 'figures' | 'findings'>

export const formatTotals = ({ inputs, findings, seconds }: Totals): string =>
  `total: ${inputs.toLocaleString('en')} inputs in ${seconds} s, ${findings} findings`

const formatList = (values: Readonly<Record<string, number | string>>): string =>
  Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${value.toLocaleString('en')}`)
    .join(', ')

/** Adds up numbers by name. For measurements that are not numbers, the later value is kept. */
export function addUp(
  all: Readonly<Record<string, number | string>>,
  more: Readonly<Record<string, number | string>>,
): Record<string, number | string> {
  const result: Record<string, number | string> = { ...all }
  for (const [name, value] of Object.entries(more)) {
    const before = result[name]
    result[name] = typeof value === 'number' && typeof before === 'number' ? before + value : value
  }
  return result
}
