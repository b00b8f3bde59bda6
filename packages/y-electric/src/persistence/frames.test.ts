import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeUpdate } from '../protocol/update-decoding.ts'
import {
  decodeEdit,
  decodePoint,
  decodeRecord,
  encodeEdit,
  encodePoint,
  encodeRecord,
  isFramed,
} from './frames.ts'

const bytes = fc.uint8Array({ maxLength: 40 })
const counts = fc
  .array(fc.tuple(fc.string(), fc.nat()), { maxLength: 4 })
  .map((entries) => new Map(entries))
const names = fc.array(fc.string(), { maxLength: 4 })
const records = fc.record({
  page: fc.string(),
  number: fc.nat(),
  covers: counts,
  edits: names,
  settled: names,
  updates: fc.array(bytes, { maxLength: 4 }),
})
const edits = fc.record({
  name: fc.string(),
  page: fc.string(),
  number: fc.nat(),
  update: bytes,
  madeAt: fc.option(fc.nat({ max: Number.MAX_SAFE_INTEGER })),
})
const points = fc.record({
  point: fc.record({
    segment: fc.nat(),
    position: fc.option(fc.record({ offset: fc.string(), handle: fc.string() })),
  }),
  records: counts,
})

test('records, edits and resume points are decoded unchanged', () => {
  fc.assert(
    fc.property(records, edits, points, (record, edit, point) => {
      expect(decodeRecord(encodeRecord(record))).toEqual(record)
      expect(decodeEdit(encodeEdit(edit))).toEqual(edit)
      expect(decodePoint(encodePoint(point))).toEqual(point)
    }),
  )
})

test('bytes that were changed, cut or lengthened are not a record', () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (record, at, flip) => {
      const whole = encodeRecord(record)
      const index = at % whole.byteLength
      const flipped = whole.map((byte, i) => (i === index ? byte ^ flip : byte))
      expect(decodeRecord(flipped)).toBeNull()
      expect(decodeRecord(whole.subarray(0, index))).toBeNull()
      expect(decodeRecord(new Uint8Array([...whole, 0]))).toBeNull()
    }),
  )
})

test('a frame can only be read as its own kind', () => {
  fc.assert(
    fc.property(records, edits, (record, edit) => {
      expect(decodeEdit(encodeRecord(record))).toBeNull()
      expect(decodeRecord(encodeEdit(edit))).toBeNull()
    }),
  )
})

test('no frame is read as a Yjs update', () => {
  fc.assert(
    fc.property(records, (record) => {
      const frame = encodeRecord(record)
      expect(isFramed(frame)).toBe(true)
      expect(() => decodeUpdate(frame)).toThrow()
    }),
  )
})

test('text that is not a resume point is rejected', () => {
  for (const text of ['', 'nonsense', '/////', '€']) expect(decodePoint(text)).toBeNull()
})
