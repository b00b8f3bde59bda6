import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { expect, test } from 'vitest'
import { isSameValue } from './values.ts'

const VALUES: readonly unknown[] = [
  ...[undefined, null, true, false, 0, 1, Number.NaN, Number.POSITIVE_INFINITY, 1n, '', '1'],
  ...[[], {}, new Uint8Array(), new Uint8Array([0]), new Uint8Array([1]), [0], [undefined]],
  ...[{ a: undefined }, { a: Number.NaN }, { b: 1 }, { a: 1, b: 1 }, { 0: 0 }, { length: 0 }],
  ...[{ constructor: 1 }, { constructor: { constructor: 1 } }, { toString: 1 }, { valueOf: [] }],
]

const copy = (value: unknown): unknown => {
  const encoder = encoding.createEncoder()
  encoding.writeAny(encoder, value as Parameters<typeof encoding.writeAny>[1])
  return decoding.readAny(decoding.createDecoder(encoding.toUint8Array(encoder)))
}

test('a value is the same as its copy, and as no other value', () => {
  for (const [i, one] of VALUES.entries()) {
    for (const [k, other] of VALUES.entries()) {
      expect([one, other, isSameValue(one, copy(other))]).toEqual([one, other, i === k])
      expect(isSameValue([{ a: one }], [{ a: copy(other) }])).toBe(i === k)
    }
  }
})

test('the order of keys and the sign of zero do not matter', () => {
  expect(isSameValue({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true)
  expect(isSameValue([0], [-0])).toBe(true)
})
