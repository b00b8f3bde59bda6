// Readers come, read slowly and leave, and the stream ends and repeats, in any order: no reader misses a
// row.
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { StreamEvent } from './events.ts'
import { Fanout, type Outcome } from './fanout.ts'
import { comparePositions, type Position } from './position.ts'
import { ShapeLog } from './shape-log.ts'
import { change, comment, namesIn, upToDate } from './testing/stream.ts'

/** The steps of a run, which may come in any order. */
type Step =
  | { readonly type: 'commit'; readonly changes: number; readonly gap: number }
  | { readonly type: 'stream'; readonly events: number }
  /** The stream ends and is requested again, from the exact position or from that of the last batch. */
  | { readonly type: 'again'; readonly isExact: boolean }
  | { readonly type: 'comment' }
  | { readonly type: 'join'; readonly place: number }
  | { readonly type: 'ready'; readonly reader: number }
  | { readonly type: 'leave'; readonly reader: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('commit' as const),
      changes: fc.integer({ min: 1, max: 4 }),
      gap: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ type: fc.constant('stream' as const), events: fc.integer({ min: 1, max: 7 }) }),
    fc.record({ type: fc.constant('again' as const), isExact: fc.boolean() }),
    fc.record({ type: fc.constant('comment' as const) }),
    fc.record({ type: fc.constant('join' as const), place: fc.nat(30) }),
    fc.record({ type: fc.constant('ready' as const), reader: fc.nat(6) }),
    fc.record({ type: fc.constant('leave' as const), reader: fc.nat(6) }),
  ),
  { maxLength: 80, size: 'max' },
)

interface Told {
  /** The rows that the reader has received. */
  readonly rows: string[]
  readonly from: Position
  isReady: boolean
}

const MAX_BYTES = 700

/**
 * Runs the steps against a real log, and compares the rows that each reader gets with the rows of the
 * log.
 */
function run(todo: readonly Step[]): void {
  const log: { readonly at: Position; readonly event: StreamEvent }[] = []
  const rows: { readonly at: Position; readonly name: string }[] = []
  let lsn = 10
  const start = { lsn: 10, op: 0 }
  /** How much of the log the stream has delivered. */
  let streamed = 0
  const fanout = new Fanout<number>(start, MAX_BYTES)
  const readers = new Map<number, Told>()
  let nextReader = 0

  const check = ({ rows: got, from }: Told): void => {
    const expected = rows.filter((row) => comparePositions(row.at, from) > 0).map((row) => row.name)
    expect(got).toEqual(expected.slice(0, got.length))
  }
  const give = (reader: number, bytes: Uint8Array): void => {
    const state = readers.get(reader)
    if (state === undefined) throw new Error('a reader that has left got something')
    state.rows.push(...namesIn(bytes).filter((name) => name.includes('.')))
    check(state)
  }
  const take = ({ deliveries, ended }: Outcome<number>): void => {
    for (const { readers: to, bytes } of deliveries) {
      for (const reader of to) {
        expect(readers.get(reader)?.isReady).toBe(true)
        const state = readers.get(reader) as Told
        state.isReady = false
        give(reader, bytes)
      }
    }
    const best = Math.max(...[...readers.values()].map((one) => one.rows.length - lead(one)))
    for (const reader of ended) {
      const state = readers.get(reader) as Told
      expect(state.rows.length - lead(state), 'the fastest reader stays').toBeLessThan(best)
      readers.delete(reader)
    }
  }
  /** Minus the number of rows that were committed before the reader's first position. */
  const lead = ({ from }: Told): number =>
    -rows.filter(({ at: place }) => comparePositions(place, from) <= 0).length
  const ready = (reader: number): void => {
    const state = readers.get(reader)
    if (state === undefined) return
    const bytes = fanout.ready(reader)
    state.isReady = bytes === null
    if (bytes !== null) give(reader, bytes)
  }
  const nth = (i: number): number => [...readers.keys()][i % Math.max(1, readers.size)] ?? -1

  for (const step of todo) {
    if (step.type === 'commit') {
      lsn += step.gap
      for (let i = 0; i < step.changes; i++) {
        const position = { lsn, op: i * 2 }
        rows.push({ at: position, name: `${lsn}.${i * 2}` })
        log.push({ at: position, event: change(lsn, i * 2) })
      }
      lsn += 1
      log.push({ at: { lsn, op: 0 }, event: upToDate(lsn) })
    } else if (step.type === 'stream') {
      if (!fanout.hasRoom) continue
      const events = log.slice(streamed, streamed + step.events)
      streamed += events.length
      take(fanout.receive(events.map((one) => one.event)))
    } else if (step.type === 'again') {
      const { last } = fanout
      const from = step.isExact ? last : { lsn: last.lsn, op: 0 }
      streamed = log.filter((one) => comparePositions(one.at, from) <= 0).length
    } else if (step.type === 'comment') {
      take(fanout.receive([comment]))
    } else if (step.type === 'join') {
      const from = [start, ...log.map((one) => one.at)][step.place % (log.length + 1)] as Position
      if (!fanout.join(nextReader, from)) continue
      readers.set(nextReader, { rows: [], from, isReady: false })
      ready(nextReader++)
    } else if (step.type === 'ready') ready(nth(step.reader))
    else {
      const reader = nth(step.reader)
      fanout.leave(reader)
      readers.delete(reader)
    }
  }

  // When all is streamed and read, every reader that was not ended has everything.
  while (streamed < log.length) {
    for (const reader of [...readers.keys()]) readAll(reader)
    take(fanout.receive(log.slice(streamed, streamed + 1).map((one) => one.event)))
    streamed++
  }
  for (const reader of [...readers.keys()]) readAll(reader)
  function readAll(reader: number): void {
    for (let i = 0; i < 1_000; i++) {
      ready(reader)
      if (readers.get(reader)?.isReady) return
    }
    throw new Error('a reader never has everything')
  }
  for (const state of readers.values()) {
    const expected = rows.filter(({ at: place }) => comparePositions(place, state.from) > 0)
    expect(state.rows).toEqual(expected.map(({ name }) => name))
  }
}

describe('in any order of the steps', () => {
  afterEach(() => vi.restoreAllMocks())

  test('each reader gets every row after its position, once, in order, and only when it is ready', () => {
    fc.assert(fc.property(steps, run), { numRuns: 1_000 })
  })

  const { append, read, trim } = ShapeLog.prototype
  const deliver = Fanout.prototype.ready
  const faults: readonly [string, () => void][] = [
    [
      'a repeated row is passed on again',
      () =>
        vi.spyOn(ShapeLog.prototype, 'append').mockImplementation(function (this: ShapeLog, one) {
          const { kind } = one
          const isRow = kind.type === 'change'
          append.call(this, isRow ? { ...one, kind: { type: 'change', at: null } } : one)
        }),
    ],
    [
      'a reader inside of a batch gets the whole batch',
      () =>
        vi.spyOn(ShapeLog.prototype, 'read').mockImplementation(function (
          this: ShapeLog,
          from: Position,
        ) {
          return read.call(this, { lsn: from.lsn, op: -1 })
        }),
    ],
    [
      'a reader does not move forward',
      () =>
        vi.spyOn(ShapeLog.prototype, 'read').mockImplementation(function (
          this: ShapeLog,
          from: Position,
        ) {
          const piece = read.call(this, from)
          return piece === null ? null : { ...piece, to: from }
        }),
    ],
    [
      'a reader moves to the end before it got everything',
      () =>
        vi.spyOn(ShapeLog.prototype, 'read').mockImplementation(function (
          this: ShapeLog,
          from: Position,
        ) {
          const piece = read.call(this, from)
          return piece === null ? null : { ...piece, bytes: new Uint8Array() }
        }),
    ],
    [
      'a reader that the log does not cover joins',
      () => vi.spyOn(ShapeLog.prototype, 'covers').mockReturnValue(true),
    ],
    [
      'the log forgets rows that the fastest reader needs',
      () =>
        vi.spyOn(ShapeLog.prototype, 'trim').mockImplementation(function (this: ShapeLog) {
          trim.call(this, this.tip)
        }),
    ],
    [
      'a reader behind the log stays',
      () => vi.spyOn(ShapeLog.prototype, 'start', 'get').mockReturnValue({ lsn: 0, op: 0 }),
    ],
    [
      'a reader is served twice when it is ready once',
      () =>
        vi.spyOn(Fanout.prototype, 'ready').mockImplementation(function (
          this: Fanout<unknown>,
          reader: unknown,
        ) {
          const bytes = deliver.call(this, reader)
          if (bytes !== null) deliver.call(this, reader)
          return bytes
        }),
    ],
  ]

  test.each(faults)('the property fails when %s', (_, plant) => {
    plant()
    expect(fc.check(fc.property(steps, run), { numRuns: 1_000 }).failed).toBe(true)
  })
})
