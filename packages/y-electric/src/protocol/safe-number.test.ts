import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { expect, test } from 'vitest'
import { readSafeNumber } from './safe-number.ts'
import { decodeState } from './state-frames.ts'

test('the largest exact number is read, and a larger one is refused', () => {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, Number.MAX_SAFE_INTEGER)
  const bytes = encoding.toUint8Array(encoder)
  expect(readSafeNumber(decoding.createDecoder(bytes))).toBe(Number.MAX_SAFE_INTEGER)
  const larger = Uint8Array.from([...bytes.slice(0, -1), (bytes.at(-1) ?? 0) + 1])
  expect(() => readSafeNumber(decoding.createDecoder(larger))).toThrow('out of range')
})

test('state with a number that cannot be written again is refused', () => {
  const hex = '01ffffffffffffff8f01000100001801010300040104746578740b6c6f72656d20697073756d00'
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
  expect(() => decodeState(bytes)).toThrow('out of range while reading active segment')
})
