import { expect, test } from 'vitest'
import { compareReports } from './ratios.ts'

const report = (...rows: Record<string, string | number>[]) => ({ title: 'test', rows, notes: [] })

test('the ratio is the median of the newer rounds divided by the median of the older ones', () => {
  const rounds = (...values: number[]) =>
    values.map((ms) => report({ backend: 'pglite', 'median ms': ms, ratio: 7, aim: '< 3 ms' }))
  expect(compareReports('latency', rounds(4, 2, 100), rounds(1, 2, 3))).toEqual([
    { bench: 'latency', row: 'pglite', column: 'median ms', before: 4, after: 2, ratio: 0.5 },
  ])
})

test('rows that only one version has, and rows without a unique name, are left out', () => {
  const before = [report({ path: 'old', ms: 1 }, { path: 'both', ms: 1 })]
  const twice = { path: 'twice', ms: 1 }
  const after = [report({ path: 'new', ms: 1 }, { path: 'both', ms: 3 }, twice, twice)]
  expect(compareReports('join', before, after).map(({ row, ratio }) => [row, ratio])).toEqual([
    ['both', 3],
  ])
})

test('a number whose older value is zero has no ratio', () => {
  expect(
    compareReports('join', [report({ path: 'a', ms: 0 })], [report({ path: 'a', ms: 1 })]),
  ).toEqual([])
})
