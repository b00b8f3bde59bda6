import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wholeEvents } from './events.ts'
import { formatPosition, parsePosition } from './position.ts'
import { at } from './testing/stream.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

describe('positions', () => {
  test.each(['0_0', '0_inf', '26800584_4'])('%s is a position', (text) => {
    expect(formatPosition(at(text))).toBe(text)
  })

  test.each([null, '', '-1', 'now', '1', '1_', '_1', '1_-1', '9007199254740993_0', '1_0x'])(
    '%j is not a position',
    (text) => {
      expect(parsePosition(text)).toBeNull()
    },
  )
})

describe('events', () => {
  test.each(['\n', '\r\n'])('are whole when each byte arrives alone, with line ends %j', (end) => {
    const texts = [`: here${end}${end}`, `event: x${end}data: {"a":"ä"}${end}${end}`]
    const split = wholeEvents()
    const bytes = [...encoder.encode(texts.join(''))]
    const got = bytes.flatMap((byte) =>
      split(Uint8Array.of(byte)).map((one) => decoder.decode(one)),
    )
    expect(got).toEqual(texts)
  })

  test('are whole however their bytes are cut', () => {
    const line = fc.constantFrom('data: {"a":"ä"}', ': here', 'event: x')
    const events = fc.array(fc.array(line, { minLength: 1, maxLength: 3 }), { maxLength: 5 })
    const ends = fc.constantFrom('\n', '\r\n')
    fc.assert(
      fc.property(events, ends, fc.array(fc.nat(20)), (lists, end, cuts) => {
        const texts = lists.map((lines) => `${lines.join(end)}${end}${end}`)
        const bytes = encoder.encode(texts.join(''))
        const split = wholeEvents()
        const got: string[] = []
        let from = 0
        for (const cut of [...cuts, bytes.length]) {
          const to = Math.min(bytes.length, from + cut)
          got.push(...split(bytes.subarray(from, to)).map((one) => decoder.decode(one)))
          from = to
        }
        expect(got).toEqual(texts)
      }),
    )
  })
})
