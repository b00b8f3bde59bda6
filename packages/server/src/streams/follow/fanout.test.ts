import { describe, expect, test } from 'vitest'
import { Fanout, type Outcome } from './fanout.ts'
import { at, change, comment, event, mustRefetch, namesIn, upToDate } from './testing/stream.ts'

function joined(fanout: Fanout<string>, reader: string, from: string): string[] {
  expect(fanout.join(reader, at(from))).toBe(true)
  const bytes = fanout.ready(reader)
  return bytes === null ? [] : namesIn(bytes)
}

const told = ({ deliveries }: Outcome<string>): Record<string, string[]> =>
  Object.fromEntries(
    deliveries.flatMap(({ readers, bytes }) => readers.map((one) => [one, namesIn(bytes)])),
  )

describe('the delivery of messages', () => {
  const setup = (maxBytes = 10_000): Fanout<string> => {
    const fanout = new Fanout<string>(at('0_inf'), maxBytes)
    fanout.receive([change(5, 0), change(5, 2), upToDate(6), change(9, 0), upToDate(10)])
    return fanout
  }

  test.each([
    ['the start of the log', '0_inf', ['5.0', '5.2', 'up-to-date', '9.0', 'up-to-date']],
    ['a row inside of a batch', '5_0', ['5.2', 'up-to-date', '9.0', 'up-to-date']],
    ['the last row of a batch', '5_2', ['up-to-date', '9.0', 'up-to-date']],
    ['the end of a batch', '6_0', ['9.0', 'up-to-date']],
    ['between two batches', '7_3', ['9.0', 'up-to-date']],
    ['the last row', '9_0', ['up-to-date']],
    ['the end', '10_0', []],
  ])('a reader at %s gets everything after it', (_, from, expected) => {
    expect(joined(setup(), 'ada', from)).toEqual(expected)
  })

  test.each(['0_0', '10_1', '11_0'])(
    'a reader at %s, which the log does not cover, must request the shape itself',
    (from) => {
      expect(setup().join('ada', at(from))).toBe(false)
    },
  )

  test('readers at the same position get the same bytes, without a copy', () => {
    const fanout = setup()
    for (const reader of ['ada', 'bob']) joined(fanout, reader, '10_0')
    const { deliveries } = fanout.receive([change(12, 0), upToDate(13)])
    expect(deliveries).toHaveLength(1)
    expect(deliveries[0]?.readers).toEqual(['ada', 'bob'])
  })

  test('a batch is passed on when it is whole', () => {
    const fanout = setup()
    joined(fanout, 'ada', '10_0')
    expect(told(fanout.receive([change(12, 0)]))).toEqual({})
    expect(told(fanout.receive([upToDate(13)]))).toEqual({ ada: ['12.0', 'up-to-date'] })
  })

  test('messages that the stream repeats after a new request are passed on once', () => {
    const fanout = setup()
    joined(fanout, 'ada', '10_0')
    const again = [change(9, 0), upToDate(10), change(12, 0), upToDate(13)]
    expect(told(fanout.receive(again))).toEqual({ ada: ['12.0', 'up-to-date'] })
  })

  test('a comment goes to the readers that wait, and is not kept for others', () => {
    const fanout = setup()
    joined(fanout, 'ada', '10_0')
    joined(fanout, 'bob', '6_0')
    expect(told(fanout.receive([comment]))).toEqual({ ada: ['comment'] })
    expect(fanout.ready('bob')).toBeNull()
  })

  test('must-refetch ends every reader, and only those that have everything before it receive it', () => {
    const fanout = setup()
    joined(fanout, 'ada', '10_0')
    expect(fanout.join('bob', at('6_0'))).toBe(true)
    const outcome = fanout.receive([mustRefetch])
    expect(told(outcome)).toEqual({ ada: ['must-refetch'] })
    expect(outcome.ended).toEqual(['ada', 'bob'])
    expect(fanout.isEmpty).toBe(true)
  })

  test('a slow reader ends when it is further behind than the limit, and a fast one does not notice', () => {
    const fanout = setup(1_000)
    joined(fanout, 'fast', '10_0')
    expect(fanout.join('slow', at('10_0'))).toBe(true)
    const ended: string[] = []
    for (let lsn = 20; lsn < 60; lsn += 2) {
      const outcome = fanout.receive([change(lsn, 0), upToDate(lsn + 1)])
      expect(told(outcome)).toEqual({ fast: [`${lsn}.0`, 'up-to-date'] })
      fanout.ready('fast')
      ended.push(...outcome.ended)
    }
    expect(ended).toEqual(['slow'])
    expect(fanout.hasRoom).toBe(true)
  })

  test('a reader that is one batch behind stays, however large the batch is', () => {
    const fanout = setup(100)
    joined(fanout, 'fast', '10_0')
    expect(fanout.join('slow', at('10_0'))).toBe(true)
    const rows = Array.from({ length: 50 }, (_, op) => change(20, op))
    const outcome = fanout.receive([...rows, upToDate(21)])
    expect(outcome.ended).toEqual([])
    expect(namesIn(fanout.ready('slow') ?? new Uint8Array())).toHaveLength(51)
  })

  test('the only reader is not ended, however slow it is: nothing more is received until it has read', () => {
    const fanout = setup(1_000)
    expect(fanout.join('slow', at('10_0'))).toBe(true)
    let lsn = 20
    for (; fanout.hasRoom; lsn += 2) {
      expect(fanout.receive([change(lsn, 0), upToDate(lsn + 1)]).ended).toEqual([])
    }
    const got: string[] = []
    for (let bytes = fanout.ready('slow'); bytes !== null; bytes = fanout.ready('slow')) {
      got.push(...namesIn(bytes))
    }
    expect(got.at(-2)).toBe(`${lsn - 2}.0`)
    expect(got.filter((name) => name.endsWith('.0'))).toHaveLength((lsn - 20) / 2)
    expect(fanout.hasRoom).toBe(true)
  })

  test('a message without a position belongs to those before it', () => {
    const fanout = setup()
    const odd = event({ headers: { control: 'snapshot-end' } })
    expect(joined(fanout, 'ada', '10_0')).toEqual([])
    const outcome = fanout.receive([change(12, 0), odd, upToDate(13)])
    expect(told(outcome)).toEqual({ ada: ['12.0', 'snapshot-end', 'up-to-date'] })
  })
})
