// What the command says at the end, of a target and of all of them.
import type { TargetName } from './targets/index.ts'

export interface TargetReport {
  readonly target: TargetName
  readonly seed: number
  readonly seconds: number
  /** Of the processes that came to their end. */
  readonly processorSeconds: number
  readonly runs: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly blocks: number
  readonly figures: Readonly<Record<string, number | string>>
  readonly findings: readonly FoundKind[]
}

/** A kind of finding, and the file with an input that makes it. */
export interface FoundKind {
  readonly kind: string
  readonly message: string
  readonly file: string
  readonly times: number
}

/** What all targets together came to. */
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
  return [
    `${target}: ${runs.toLocaleString('en')} inputs in ${seconds} s, ${processorSeconds} s of processor time (seed ${seed}), ${blocks} blocks of code reached, ${findings.length} findings`,
    `  outcomes: ${formatList(outcomes)}`,
    ...(Object.keys(figures).length > 0 ? [`  figures: ${formatList(figures)}`] : []),
  ].join('\n')
}

export const formatTotals = ({ inputs, findings, seconds }: Totals): string =>
  `in all: ${inputs.toLocaleString('en')} inputs in ${seconds} s, ${findings} findings`

const formatList = (values: Readonly<Record<string, number | string>>): string =>
  Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${value.toLocaleString('en')}`)
    .join(', ')

/** Adds up numbers by name; of measurements that are no counts, the later one stays. */
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
