import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EMPTY_LOG, type Log, type LogEvent, logStep, timeOf, totalsOf } from './log.ts'

const bytes = (length: number) => new Uint8Array(length).fill(1)

interface Stored {
  base: { seq: number; throughSegment: number; bytes: number } | null
  active: number
  rows: { seq: number; segment: number; data: Uint8Array }[]
}

const play = (events: readonly LogEvent[], from: Log = EMPTY_LOG) => events.reduce(logStep, from)

const stateOf = ({ base, active, rows }: Stored, at = 0): LogEvent => ({
  type: 'state',
  at,
  state: {
    activeSegment: active,
    snapshot: base === null ? null : { ...base, data: bytes(base.bytes) },
    rows: [...rows],
  },
})

const row = (segment: number, seq: number, size = 10, at = 1): LogEvent => ({
  type: 'row',
  segment,
  seq,
  data: bytes(size),
  at,
})
const seal = (segment: number, at = 2): LogEvent => ({ type: 'sealed', segment, at })
const fold = (throughSegment: number, size = 5, at = 3): LogEvent => ({
  type: 'folded',
  base: { seq: throughSegment + 1, throughSegment, bytes: size },
  at,
})
const empty = stateOf({ base: null, active: 0, rows: [] })

/** The stored log in the notation `snapshot ≤0 | 1: 4 5 | 2: 6…`; the active segment is open. */
function drawn({ base, segments }: Log): string {
  const parts = segments.map(
    ({ number, rows, isSealed }) =>
      `${number}:${rows.map(({ seq }) => ` ${seq}`).join('')}${isSealed ? '' : '…'}`,
  )
  return [...(base === null ? [] : [`snapshot ≤${base.throughSegment}`]), ...parts].join(' | ')
}

test('events before the first state change nothing', () => {
  for (const event of [row(0, 1), seal(0), fold(0), { type: 'settled' } as const]) {
    expect(logStep(EMPTY_LOG, event)).toEqual(EMPTY_LOG)
  }
  expect(drawn(play([empty]))).toBe('0:…')
})

describe('while events arrive', () => {
  test('the log shows rows, the seal of their segment, and its fold', () => {
    let log = play([empty, row(0, 1, 30), row(0, 2, 40)])
    expect(drawn(log)).toBe('0: 1 2…')
    log = play([seal(0), row(1, 4)], log)
    expect(drawn(log)).toBe('0: 1 2 | 1: 4…')
    log = play([fold(0, 25)], log)
    expect(drawn(log)).toBe('snapshot ≤0 | 1: 4…')
    expect(log.folding.map(({ number, rows }) => [number, rows.length])).toEqual([[0, 2]])
    expect(totalsOf(log)).toEqual({ rows: 1, rowBytes: 10, baseBytes: 25, joinBytes: 35 })
    expect(play([{ type: 'settled' }], log)).toEqual({ ...log, folding: [] })
    expect(log.turnings).toEqual([
      { kind: 'fold', at: 3, afterSeq: 4, rows: 2, before: 70, after: 25, through: 0 },
      { kind: 'roll', at: 2, afterSeq: 2, segment: 0, rows: 2 },
    ])
  })

  test('repeated events have no effect', () => {
    const events = [empty, row(0, 1), row(0, 2), seal(0), row(1, 4), fold(0)]
    const log = play(events)
    expect(play(events.slice(1), log)).toEqual(log)
    expect(
      play(
        [
          stateOf({
            base: { seq: 1, throughSegment: 0, bytes: 5 },
            active: 1,
            rows: [{ seq: 4, segment: 1, data: bytes(10) }],
          }),
        ],
        log,
      ),
    ).toEqual(log)
  })

  test('rows may arrive in any order, also after the seal', () => {
    expect(drawn(play([empty, row(0, 3), row(0, 1), seal(0), row(0, 2)]))).toBe('0: 1 2 3 | 1:…')
  })

  test('a fold may arrive before the seal of its segment', () => {
    const log = play([empty, row(0, 1), fold(0)])
    expect(drawn(log)).toBe('snapshot ≤0 | 1:…')
    expect(play([seal(0), row(0, 1)], log)).toEqual(log)
  })

  test('after a rejoin the log equals what is stored, and known rows keep their times', () => {
    const times = new Map([[2, 150]])
    const log = play([empty, row(0, 1, 10, 100), row(0, 2, 10, 200), { type: 'times', times }])
    const stored: Stored = {
      base: null,
      active: 1,
      rows: [1, 2, 4].map((seq) => ({ seq, segment: seq === 4 ? 1 : 0, data: bytes(10) })),
    }
    const again = play([stateOf(stored, 300)], log)
    expect(drawn(again)).toBe('0: 1 2 | 1: 4…')
    expect(again.segments.flatMap(({ rows }) => rows.map((each) => each.arrivedAt))).toEqual([
      100, 200, 300,
    ])
    expect(again.segments.flatMap(({ rows }) => rows.map(timeOf))).toEqual([100, 150, 300])
    expect(again.turnings.map(({ kind }) => kind)).toEqual(['roll'])
  })

  test('the log follows a store that lost rows', () => {
    const log = play([empty, row(0, 1), seal(0), fold(0), row(1, 9)])
    expect(drawn(play([empty], log))).toBe('0:…')
    // After that, seqs may repeat for other rows.
    const again = play(
      [
        row(0, 1, 10, 100),
        empty,
        row(0, 1, 77, 200),
        stateOf(
          {
            base: null,
            active: 1,
            rows: [{ seq: 1, segment: 1, data: bytes(88) }],
          },
          300,
        ),
      ],
      play([empty]),
    )
    expect(drawn(again)).toBe('0: | 1: 1…')
    expect(again.segments[1]?.rows).toEqual([
      { seq: 1, segment: 1, data: bytes(88), arrivedAt: 300, storedAt: null },
    ])
  })

  test('the time of the database replaces the time of arrival, and news without effect changes nothing', () => {
    const log = play([empty, row(0, 1, 10, 100), row(0, 2, 10, 200)])
    expect(log.segments[0]?.rows.map(timeOf)).toEqual([100, 200])
    const told = play([{ type: 'times', times: new Map([[1, 90]]) }], log)
    expect(told.segments[0]?.rows.map(timeOf)).toEqual([90, 200])
    expect(told.segments[0]?.rows[1]).toBe(log.segments[0]?.rows[1])
    for (const seq of [1, 7]) {
      expect(play([{ type: 'times', times: new Map([[seq, 5]]) }], told)).toBe(told)
    }
  })

  test('rolls and folds are remembered, but not without end', () => {
    const events = Array.from({ length: 200 }, (_, segment) => [
      row(segment, segment),
      seal(segment),
    ])
    const log = play([empty, ...events.flat()])
    expect(log.turnings[0]).toMatchObject({ kind: 'roll', segment: 199, afterSeq: 199 })
    expect(log.turnings.length).toBeLessThan(100)
    expect(totalsOf(log).rows).toBe(200)
  })
})

// A server that appends, rolls and folds, and a page that receives the events with any delay.
test('after any sequence of events, with any delay, the log equals what is stored', () => {
  const act = fc.constantFrom(
    'append',
    'append',
    'append',
    'roll',
    'fold',
    'hear',
    'look',
    'rejoin',
  )
  const run = fc.array(fc.record({ act, size: fc.integer({ min: 1, max: 90 }) }), { maxLength: 80 })
  fc.assert(
    fc.property(run, (steps) => {
      const stored: Stored = { base: null, active: 0, rows: [] }
      let seq = 0
      let log = play([empty])
      /** The events that the stream of a segment will deliver, in order. */
      let stream: LogEvent[] = []
      for (const step of steps) {
        if (step.act === 'append') {
          const added = { seq: ++seq, segment: stored.active, data: bytes(step.size) }
          stored.rows.push(added)
          stream.push({ type: 'row', at: 1, ...added })
        } else if (step.act === 'roll') {
          seq++
          stream.push(seal(stored.active++))
        } else if (step.act === 'fold') {
          if (stored.active - 1 <= (stored.base?.throughSegment ?? -1)) continue
          stored.base = { seq: ++seq, throughSegment: stored.active - 1, bytes: step.size }
          stored.rows = stored.rows.filter(({ segment }) => segment === stored.active)
        } else if (step.act === 'look') {
          if (stored.base !== null) log = play([{ type: 'folded', base: stored.base, at: 2 }], log)
        } else if (step.act === 'rejoin') {
          log = play([stateOf(stored)], log)
          stream = []
        } else log = play(stream.splice(0, step.size), log)
        expectSound(log)
      }
      const look: LogEvent[] =
        stored.base === null ? [] : [{ type: 'folded', base: stored.base, at: 9 }]
      log = play([...stream, ...look], log)
      expectSound(log)
      const fresh = play([stateOf(stored)])
      expect(drawn(log)).toBe(drawn(fresh))
      expect(totalsOf(log)).toEqual(totalsOf(fresh))
    }),
  )
})

/** The segments always continue the snapshot row without gaps, and only the last one is open. */
function expectSound({ base, segments }: Log): void {
  const first = (base?.throughSegment ?? -1) + 1
  expect(segments.map(({ number }) => number)).toEqual(segments.map((_, index) => first + index))
  expect(segments.filter(({ isSealed }) => !isSealed)).toEqual([segments.at(-1)])
  for (const { rows, number } of segments) {
    const seqs = rows.map(({ seq }) => seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
    expect(rows.every(({ segment }) => segment === number)).toBe(true)
  }
}
