// The final report of a replay.
import type { History } from '../../test/harness/history.ts'
import type { ReplayResult } from './replayDocument.ts'

export function hasAgreed({ disagreements }: ReplayResult): boolean {
  return Object.values(disagreements).every((reason) => reason === null)
}

export function formatReport(history: History, results: readonly ReplayResult[]): string {
  const total = (of: (result: ReplayResult) => number) =>
    results.reduce((sum, result) => sum + of(result), 0)
  const edits = total(({ edits }) => edits)
  const seconds = Math.max(...results.map(({ seconds }) => seconds))
  const cold = Math.max(...results.map(({ coldSeconds }) => coldSeconds))
  const lines: [name: string, value: string][] = [
    ['documents', `${results.length}, each with ${describeWriters(history)} and a live reader`],
    ['edits', count(edits)],
    [
      'rows',
      `${count(total(({ rows }) => rows))}; ${count(total(({ stored }) => stored.rows))} of them are stored now`,
    ],
    [
      'bytes',
      [
        `${bytes(total(({ sentBytes }) => sentBytes))} sent`,
        `${bytes(total(({ stored }) => stored.bytes))} stored`,
        `${bytes(total(({ liveBytes }) => liveBytes))} to live readers`,
        `${bytes(total(({ coldBytes }) => coldBytes))} to cold readers`,
      ].join(', '),
    ],
    [
      'seconds',
      `${seconds.toFixed(1)} (${count(Math.round(edits / seconds))} edits a second), then ${cold.toFixed(2)} to join cold`,
    ],
    ['writer', verdict(results, 'writer')],
    ['live reader', verdict(results, 'liveReader')],
    ['cold reader', verdict(results, 'coldReader')],
  ]
  return lines.map(([name, value]) => `  ${name.padEnd(12)}${value}`).join('\n')
}

function describeWriters({ agentCount }: History): string {
  return agentCount === 1 ? 'one writer' : `${agentCount} writers at once`
}

function verdict(
  results: readonly ReplayResult[],
  who: keyof ReplayResult['disagreements'],
): string {
  const reasons = results.flatMap(({ disagreements, docId }) => {
    const reason = disagreements[who]
    return reason === null ? [] : [`${docId}: ${reason}`]
  })
  if (reasons.length === 0) return 'agrees with the recorded text'
  return ['DOES NOT AGREE', ...reasons].join('\n    ')
}

const count = (value: number): string => value.toLocaleString('en')

function bytes(value: number): string {
  if (value < 10_000) return `${count(value)} B`
  if (value < 10_000_000) return `${count(Math.round(value / 1_000))} KB`
  return `${count(Math.round(value / 1_000_000))} MB`
}
