import { expect, test } from 'vitest'
import { formatReport, type TargetReport, verdictOf } from './report.ts'

const report = (about: Partial<TargetReport>): TargetReport => ({
  target: 'routes',
  seed: 7,
  seconds: 60,
  processorSeconds: 50,
  runs: 100,
  outcomes: {},
  blocks: 0,
  figures: {},
  findings: [],
  ...about,
})
const found = (kind: string, times: number) => ({ kind, message: '', file: '', times })

test('a report has the numbers of accepted inputs, crashes and stalls', () => {
  const crashed = report({
    figures: { 'accepted inputs': 40, 'honest requests stalled over 200 ms': 2 },
    findings: [
      found('reading html: throws TypeError in packages/x: no', 3),
      found('ends the process (SIGSEGV)', 0),
      found('slow: format html', 4),
      found('a refused PUT changes rows', 5),
    ],
  })
  expect(verdictOf(crashed)).toEqual({ accepted: 40, crashes: 4, stalls: 6 })
  expect(formatReport(crashed)).toContain('accepted 40, crashes 4, stalls 6, seed 7')
})

test('if a target reports no number of accepted inputs, the report counts those that were not refused', () => {
  const outcomes = { 'frames read': 60, 'frames refused': 39, finding: 1 }
  expect(verdictOf(report({ outcomes }))).toEqual({ accepted: 60, crashes: 0, stalls: 0 })
})
