import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AgedSnapshot, keptSnapshots, type RetentionRule } from './retention.ts'

const HOUR = 60 * 60 * 1_000
const DAY = 24 * HOUR
/** Noon UTC of some day. */
const NOW = Date.UTC(2026, 6, 15, 12)
const RULE: RetentionRule = { keepSnapshots: 3, keepHourlySnapshots: 24, keepDailySnapshots: 30 }
const NONE: RetentionRule = { keepSnapshots: 1, keepHourlySnapshots: 0, keepDailySnapshots: 0 }

/** Fold rows of these ages; the oldest has the lowest seq. */
const folds = (...ages: number[]): AgedSnapshot[] =>
  ages
    .sort((a, b) => b - a)
    .map((age, i) => ({ seq: i + 1, throughSegment: i, label: null, createdAt: NOW - age }))

const kept = (rows: readonly AgedSnapshot[], rule = RULE, now = NOW) =>
  [...keptSnapshots(rows, now, rule)].sort((a, b) => a - b)

describe('the retention rule keeps', () => {
  test('nothing if there are no rows', () => {
    expect(kept([])).toEqual([])
  })

  test('the newest few, whatever the time between them', () => {
    expect(kept(folds(5, 4, 3, 2, 1))).toEqual([3, 4, 5])
  })

  test('the newest row of each hour for a day, and of each day for a month', () => {
    const minutes = Array.from({ length: 60 * 24 * 40 }, (_, i) => i * 60 * 1_000)
    const rows = folds(...minutes)
    const ages = kept(rows).map((seq) => NOW - (rows[seq - 1]?.createdAt ?? 0))
    const hourly = ages.filter((age) => age % HOUR === 60_000 || age === 0)
    // The current hour begins at this instant, so its only row is the one of now. The other rows are those of the
    // 23 hours before.
    expect(hourly.filter((age) => age < DAY)).toHaveLength(24)
    const daily = ages.filter((age) => age >= DAY)
    // The last minute of each day, 29 days back; yesterday's row is among the hourly rows.
    expect(daily).toHaveLength(28)
    for (const age of daily) expect((NOW - age) % DAY).toBe(DAY - 60_000)
  })

  test('every labelled row, in addition to the others', () => {
    const rows = folds(5, 4, 3, 2, 1).map((row) =>
      row.seq === 1 || row.seq === 5 ? { ...row, label: 'release' } : row,
    )
    expect(kept(rows, { ...NONE, keepSnapshots: 2 })).toEqual([1, 3, 4, 5])
  })

  test('the newest row of a fold, although newer rows were kept by name and lost their label', () => {
    const rows = [
      ...folds(60 * DAY, 50 * DAY),
      { seq: 3, throughSegment: null, label: null, createdAt: NOW - DAY },
    ]
    expect(kept(rows, NONE)).toEqual([2, 3])
  })

  test('the newest unlabelled row of an hour, also if a labelled row is newer', () => {
    const rows = folds(10, 3 * HOUR, 3 * HOUR + 1)
    const labelled = rows.map((row) => (row.seq === 2 ? { ...row, label: 'x' } : row))
    expect(kept(labelled, { ...NONE, keepHourlySnapshots: 24 })).toEqual([1, 2, 3])
  })
})

describe('for any set of rows, the retention rule', () => {
  const rule = fc.record({
    keepSnapshots: fc.integer({ min: 1, max: 5 }),
    keepHourlySnapshots: fc.nat(30),
    keepDailySnapshots: fc.nat(40),
  })
  const rows = fc
    .array(
      fc.record({
        age: fc.oneof(fc.nat(2 * HOUR), fc.nat(2 * DAY), fc.nat(50 * DAY)),
        kind: fc.constantFrom('fold', 'fold', 'fold', 'kept', 'labelled'),
      }),
      { maxLength: 40 },
    )
    .map((drawn) =>
      drawn
        .sort((a, b) => b.age - a.age)
        .map(({ age, kind }, i) => ({
          seq: i + 1,
          throughSegment: kind === 'kept' ? null : i,
          label: kind === 'labelled' ? 'a name' : null,
          createdAt: NOW - age,
        })),
    )

  test('keeps labelled rows, the newest fold and the newest few, and no more than it allows', () => {
    fc.assert(
      fc.property(rows, rule, (all, each) => {
        const stay = keptSnapshots(all, NOW, each)
        const unnamed = all.filter(({ label }) => label === null)
        for (const { seq, label } of all) if (label !== null) expect(stay).toContain(seq)
        const newest = all.findLast(({ throughSegment }) => throughSegment !== null)
        if (newest !== undefined) expect(stay).toContain(newest.seq)
        for (const { seq } of unnamed.slice(-each.keepSnapshots)) expect(stay).toContain(seq)
        const places = each.keepSnapshots + each.keepHourlySnapshots + each.keepDailySnapshots + 1
        expect(unnamed.filter(({ seq }) => stay.has(seq)).length).toBeLessThanOrEqual(places)
      }),
    )
  })

  test('keeps the same rows whether pruning runs often or once', () => {
    fc.assert(
      fc.property(rows, rule, fc.nat(3 * DAY), fc.nat(10), (all, each, later, fresh) => {
        const news = Array.from({ length: fresh }, (_, i) => ({
          seq: 100 + i,
          throughSegment: 100 + i,
          label: null,
          createdAt: NOW + Math.floor((later * (i + 1)) / fresh),
        }))
        const early = keptSnapshots(all, NOW, each)
        const twice = [...all.filter(({ seq }) => early.has(seq)), ...news]
        const byTwice = keptSnapshots(twice, NOW + later, each)
        // A row that was only kept as the newest fold may now be the newest row of its day.
        for (const seq of keptSnapshots([...all, ...news], NOW + later, each)) {
          expect(byTwice).toContain(seq)
        }
      }),
    )
  })
})
