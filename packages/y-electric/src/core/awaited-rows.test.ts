import { beforeEach, describe, expect, test } from 'vitest'
import { AwaitedRows, SILENT_AFTER_MS } from './awaited-rows.ts'

let rows: AwaitedRows
beforeEach(() => {
  rows = new AwaitedRows()
})

const announce = (seqs: number[], now: number, activeSegment = 3) =>
  rows.announced({ activeSegment, seqs }, now)

describe('a row that the server has and this reader lacks', () => {
  const S = 3
  test.each<[string, boolean, () => void]>([
    ['nothing is announced', false, () => {}],
    ['an announced row was in state', false, () => announce([12, 10], 0)],
    ['an announced row is new', true, () => announce([13, 12, 10], 0)],
    [
      'an announced row came before its announcement',
      false,
      () => {
        rows.arrived(13, 0)
        announce([13, 12], 1)
      },
    ],
    [
      'an announced row came after its announcement',
      false,
      () => {
        announce([13, 12], 0)
        rows.arrived(13, 1)
      },
    ],
    [
      'a later row came instead of the announced one',
      true,
      () => {
        announce([13], 0)
        rows.arrived(14, 1)
      },
    ],
    [
      'a smaller seq committed late',
      true,
      () => {
        rows.arrived(13, 0)
        announce([13, 12, 11], 1)
      },
    ],
    [
      'an ack came before its row',
      false,
      () => {
        rows.acked(13, 0)
        rows.arrived(13, 1)
      },
    ],
    [
      'an ack came after its row',
      false,
      () => {
        rows.arrived(13, 0)
        rows.acked(13, 1)
      },
    ],
    ['an acked row does not come', true, () => rows.acked(13, 0)],
    ['the segment is sealed and its seal does not come', true, () => announce([], 0, S + 1)],
    [
      'the seal comes',
      false,
      () => {
        announce([13], 0, S + 1)
        rows.crossed(S + 1)
      },
    ],
    [
      'an own row is in the next segment',
      true,
      () => {
        rows.acked(20, 0)
        rows.crossed(S + 1)
      },
    ],
    [
      'an own row comes in the next segment',
      false,
      () => {
        rows.acked(20, 0)
        rows.crossed(S + 1)
        rows.arrived(20, 1)
      },
    ],
    [
      'an older announcement is repeated after the seal',
      false,
      () => {
        rows.crossed(S + 1)
        announce([99], 1, S)
      },
    ],
    [
      'state is read',
      false,
      () => {
        announce([13], 0)
        rows.acked(20, 0)
        rows.joined(S, [10, 12, 13])
      },
    ],
  ])('%s: missing is %s', (_what, isMissing, happen) => {
    rows.joined(S, [10, 12])
    happen()
    expect(rows.dueAt !== null).toBe(isMissing)
  })
})

describe('a reader that resumes with the newest row that has arrived', () => {
  beforeEach(() => rows.resumed(3, 12))

  test('lacks announced rows beyond it until they arrive', () => {
    announce([12, 10], 0)
    expect([rows.lacksAnnounced, rows.newest]).toEqual([false, 12])
    announce([14, 12, 10], 1)
    expect(rows.lacksAnnounced).toBe(true)
    rows.arrived(14, 2)
    expect([rows.lacksAnnounced, rows.newest]).toEqual([false, 14])
  })

  test('does not lack a row of its own that is only acked', () => {
    rows.acked(15, 0)
    expect(rows.lacksAnnounced).toBe(false)
  })

  test('lacks the seal when a later segment is active', () => {
    rows.announced({ activeSegment: 4, seqs: [12] }, 0)
    expect(rows.lacksAnnounced).toBe(true)
    rows.crossed(4)
    expect([rows.lacksAnnounced, rows.newest]).toEqual([false, 0])
  })
})

test.each([
  ['joined a document without rows', () => rows.joined(3, [])],
  ['entered a segment without rows', () => rows.crossed(3)],
])('a reader that %s, and resumes there later, lacks every announced row', (_what, begin) => {
  begin()
  const { newest } = rows
  expect(newest).toBe(0)
  rows.resumed(3, newest)
  announce([1], 0)
  expect(rows.lacksAnnounced).toBe(true)
})

describe('a reader that resumes where a page of an earlier version left off', () => {
  beforeEach(() => rows.resumed(3, null))

  test('treats the first announced rows as already read by that page', () => {
    announce([12, 10], 0)
    expect(rows.dueAt).toBeNull()
    announce([13, 12, 10], 1)
    expect(rows.dueAt).not.toBeNull()
  })

  test('still waits for its own rows', () => {
    rows.acked(12, 0)
    announce([12], 1)
    expect(rows.dueAt).not.toBeNull()
  })
})

describe('remedies', () => {
  beforeEach(() => rows.joined(3, []))

  test('the first remedy is to read again, and every further one is to join after twice the wait', () => {
    announce([1], 0)
    let now = 0
    const seen: [string, number][] = []
    for (let i = 0; i < 7; i++) {
      const { dueAt } = rows
      if (dueAt === null) throw new Error('nothing is missing')
      expect(rows.remedy(dueAt - 1)).toBeNull()
      seen.push([rows.remedy(dueAt) ?? '', (dueAt - now) / SILENT_AFTER_MS])
      now = dueAt
    }
    expect(seen).toEqual([
      ['reread', 1],
      ['join', 2],
      ['join', 4],
      ['join', 8],
      ['join', 16],
      ['join', 16],
      ['join', 16],
    ])
  })

  test('the reader is behind from the first remedy until the row is here', () => {
    announce([1], 0)
    expect(rows.isBehind).toBe(false)
    rows.remedy(SILENT_AFTER_MS)
    expect(rows.isBehind).toBe(true)
    rows.arrived(1, SILENT_AFTER_MS + 1)
    expect([rows.isBehind, rows.dueAt]).toEqual([false, null])
  })

  test('joining also ends being behind', () => {
    announce([1], 0)
    rows.remedy(SILENT_AFTER_MS)
    rows.joined(3, [1])
    expect([rows.isBehind, rows.dueAt]).toEqual([false, null])
  })

  test('requests to a service that is always late do not become more frequent', () => {
    const waits: number[] = []
    let now = 0
    for (let seq = 1; seq <= 5; seq++) {
      announce([seq], now)
      const dueAt = rows.dueAt ?? Number.NaN
      waits.push((dueAt - now) / SILENT_AFTER_MS)
      rows.remedy(dueAt)
      now = dueAt
      rows.joined(3, [seq])
      // The segment is read from its start, which state already contained.
      rows.arrived(seq, now)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16])
  })

  test('a row that arrives in time resets the wait to the shortest one', () => {
    announce([1], 0)
    rows.remedy(SILENT_AFTER_MS)
    rows.arrived(1, SILENT_AFTER_MS)
    announce([2], 100_000)
    rows.arrived(2, 100_001)
    announce([3], 200_000)
    expect(rows.dueAt).toBe(200_000 + SILENT_AFTER_MS)
  })

  test('while a backlog arrives, the wait for a missing row is longer but bounded', () => {
    announce([50], 0)
    for (let now = 1_000; now <= 4_000; now += 1_000) rows.arrived(now, now)
    expect(rows.dueAt).toBe(4_000 + SILENT_AFTER_MS)
    rows.heard(4_500)
    expect(rows.dueAt).toBe(4_500 + SILENT_AFTER_MS)
    for (let now = 5_000; now <= 60_000; now += 1_000) rows.heard(now)
    expect(rows.dueAt).toBe(6 * SILENT_AFTER_MS)
  })
})

test('rows that arrived long ago are forgotten and not reported missing', () => {
  rows.joined(3, [])
  for (let seq = 1; seq <= 5_000; seq++) rows.arrived(seq, seq)
  for (const seq of [1, 4_000, 4_001, 5_000]) rows.acked(seq, 5_000)
  announce([1, 2_000, 5_000], 5_000)
  expect(rows.dueAt).toBeNull()
})
