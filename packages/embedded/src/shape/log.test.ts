import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Entry, Log } from './log.ts'
import { compareOffsets, formatOffset, type Offset, parseOffset, SNAPSHOT_END } from './offset.ts'

const transactions = fc.array(
  fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 }),
  { maxLength: 20 },
)

const entriesOf = (sizes: readonly number[], i: number): Entry[] =>
  sizes.map((size, op) => ({ lsn: 100 + 2 * i, op: op * 2, xid: i, json: 'x'.repeat(size) }))

test('a read from any offset, chunk by chunk, returns every later entry once and in order', () => {
  fc.assert(
    fc.property(
      transactions,
      fc.integer({ min: 1, max: 120 }),
      fc.nat(),
      (sizes, chunkBytes, pick) => {
        const log = new Log(chunkBytes)
        const all = sizes.flatMap(entriesOf)
        sizes.forEach((list, i) => {
          log.append(entriesOf(list, i))
        })
        const places: Offset[] = [{ lsn: 0, op: 0 }, SNAPSHOT_END, ...all]
        const from = places[pick % places.length] ?? SNAPSHOT_END
        const seen: Entry[] = []
        let offset = from
        for (;;) {
          const { entries, next, atEnd } = log.read(offset)
          expect(log.isBehind(offset)).toBe(entries.length > 0)
          expect(atEnd || entries.length > 0).toBe(true)
          seen.push(...entries)
          offset = next
          if (atEnd) break
        }
        expect(seen).toEqual(all.filter((entry) => compareOffsets(entry, from) > 0))
        expect(compareOffsets(offset, log.last)).toBe(0)
      },
    ),
  )
})

test('appending does not move earlier chunk boundaries', () => {
  const log = new Log(10)
  log.append(entriesOf([4, 4, 4, 4], 0))
  const before = log.read(SNAPSHOT_END)
  log.append(entriesOf([4, 4, 4], 1))
  expect(log.read(SNAPSHOT_END).entries).toEqual(before.entries)
})

test('a read after the end returns nothing and does not move the reader back', () => {
  const log = new Log(10)
  log.append(entriesOf([4], 0))
  expect(log.read({ lsn: 101, op: 0 })).toEqual({
    entries: [],
    next: { lsn: 101, op: 0 },
    atEnd: true,
  })
  expect(() => log.append(entriesOf([4], 0))).toThrow(RangeError)
})

test.each(['0_0', '0_7', '0_inf', '1763637283000001_4'])(
  '%s parses and formats to the same text',
  (text) => {
    const offset = parseOffset(text)
    if (typeof offset !== 'object') throw new Error('no offset')
    expect(formatOffset(offset)).toBe(text)
  },
)

test.each(['banana', '', '1', '-2', '1_', '_1', '1_inf', '1_1_1', ' 0_0', '99999999999999999_0'])(
  '"%s" is not an offset',
  (text) => expect(parseOffset(text)).toBeUndefined(),
)
