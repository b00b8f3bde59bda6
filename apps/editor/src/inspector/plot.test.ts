import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PlotData, plotOf } from './plot.ts'
import type { Turn } from './sizes.ts'

const box = { width: 300, height: 100 }
const start = Date.parse('2026-03-04T05:06:07Z')
const turnAt = (seconds: number, before: number, after: number): Turn => ({
  seq: seconds,
  at: new Date(start + seconds * 1_000).toISOString(),
  rows: 1,
  before,
  after,
  isExact: true,
})
const rowAt = (seconds: number, bytes: number, color = 'red') => ({
  at: start + seconds * 1_000,
  bytes,
  color,
})
const data = (change: Partial<PlotData>): PlotData => ({
  turns: [],
  startBytes: 0,
  rows: [],
  from: null,
  to: null,
  ...change,
})

test('each row raises the line at its time in the colour of its writer', () => {
  const rows = [rowAt(0, 500), rowAt(5, 250, 'blue'), rowAt(10, 250)]
  const { line, rises, end, sizes, times, span } = plotOf(data({ rows }), box)
  expect(span).toEqual([start, start + 10_000])
  expect(sizes.map(({ label, y }) => [label, y])).toEqual([
    ['0', 100],
    ['500 B', 50],
    ['1000 B', 0],
  ])
  expect(rises).toEqual([
    { x: 0, y: 100, to: 50, color: 'red' },
    { x: 150, y: 50, to: 25, color: 'blue' },
    { x: 300, y: 25, to: 0, color: 'red' },
  ])
  expect(line.map(({ x, y }) => [x, y])).toEqual([
    [0, 100],
    [0, 100],
    [0, 50],
    [150, 50],
    [150, 25],
    [300, 25],
    [300, 0],
    [300, 0],
  ])
  expect(end).toEqual({ x: 300, y: 0, bytes: 1_000 })
  expect(times.length).toBeGreaterThan(0)
})

test('a fold lowers the line, and rows raise it from the snapshot row', () => {
  const turns = [turnAt(0, 800, 200), turnAt(10, 1_000, 400)]
  const { line, drops } = plotOf(data({ turns, startBytes: 400, rows: [rowAt(20, 600)] }), box)
  expect(drops.map(({ x, y, to }) => [x, y, to])).toEqual([
    [0, expect.closeTo(20), 80],
    [150, 0, 60],
  ])
  expect(line.map(({ x }) => x)).toEqual([0, 0, 150, 150, 300, 300, 300])
})

test('the axis of time covers the chosen span', () => {
  const { span } = plotOf(data({ rows: [rowAt(3, 9)], from: start, to: start + 60_000 }), box)
  expect(span).toEqual([start, start + 60_000])
  expect(plotOf(data({}), box).line).toHaveLength(2)
})

test('the line stays in its box and runs from left to right, and its points do not outnumber the pixels', () => {
  const row = fc.record({
    at: fc.integer({ min: start, max: start + 1e9 }),
    bytes: fc.nat(100_000),
    color: fc.constantFrom('red', 'blue'),
  })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 2_000, size: 'max' }), fc.nat(10_000), (rows, bytes) => {
      const turns = bytes === 0 ? [] : [turnAt(0, 2 * bytes, bytes)]
      const { line, rises } = plotOf(data({ rows, turns, startBytes: bytes }), box)
      expect(line.map(({ x }) => x)).toEqual(line.map(({ x }) => x).sort((a, b) => a - b))
      for (const { x, y } of line) {
        expect(x).toBeGreaterThanOrEqual(0)
        expect(x).toBeLessThanOrEqual(box.width)
        expect(y).toBeGreaterThanOrEqual(-1e-9)
        expect(y).toBeLessThanOrEqual(box.height)
      }
      expect(line.length).toBeLessThanOrEqual(2 * box.width + 9)
      const raised = rises.reduce((sum, { y, to }) => sum + y - to, 0)
      const whole = rows.reduce((sum, each) => sum + each.bytes, 0)
      if (whole > 0) expect(raised).toBeGreaterThan(0)
    }),
    { numRuns: 30 },
  )
})
