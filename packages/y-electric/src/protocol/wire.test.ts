import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseErrorBody } from './error-codes.ts'
import { decodeBytea } from './hex.ts'
import { noIds, pushRange, subtractIds, unionIds } from './id-ranges.ts'
import { docIdProblem, isBatchId } from './limits.ts'
import { segmentPath } from './paths.ts'
import { decodeState, encodeState, type State } from './state-frames.ts'

const data = fc.uint8Array({ maxLength: 40 })
const number = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const state: fc.Arbitrary<State> = fc.record({
  activeSegment: number,
  snapshot: fc.option(fc.record({ seq: number, throughSegment: number, data: fc.option(data) })),
  rows: fc.array(fc.record({ segment: number, seq: number, data }), { maxLength: 8 }),
})

describe('state frames', () => {
  test('are decoded unchanged', () => {
    fc.assert(
      fc.property(state, (it) => {
        expect(decodeState(encodeState(it))).toEqual(it)
      }),
    )
  })

  test('keep their bytes, because other versions of this code read them', () => {
    const bytes = encodeState({
      activeSegment: 2,
      snapshot: { seq: 300, throughSegment: 1, data: new Uint8Array([1, 2]) },
      rows: [{ segment: 2, seq: 301, data: new Uint8Array([0xab]) }],
    })
    expect(Buffer.from(bytes).toString('hex')).toBe('010201ac0201020102' + '0102ad0201ab')
  })

  test('are refused if they are truncated, too long or of another version', () => {
    fc.assert(
      fc.property(state, (it) => {
        const bytes = encodeState(it)
        for (let end = 0; end < bytes.length; end++) {
          expect(() => decodeState(bytes.subarray(0, end))).toThrow()
        }
        expect(() => decodeState(new Uint8Array([...bytes, 0]))).toThrow(/left over/)
        expect(() => decodeState(new Uint8Array([9, ...bytes.slice(1)]))).toThrow(/version 9/)
      }),
      { numRuns: 30 },
    )
  })
})

test('bytea text is decoded as Postgres writes it', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBytea(`\\x${Buffer.from(bytes).toString('hex')}`)).toEqual(bytes)
    }),
  )
  for (const bad of ['', '\\', 'x00', '\\x0', '\\x0g', '00'])
    expect(() => decodeBytea(bad)).toThrow()
})

test('subtracting ranges gives the same as subtracting ids', () => {
  const ranges = fc.array(fc.tuple(fc.nat(2), fc.nat(20), fc.integer({ min: 1, max: 6 })))
  const setOf = (list: [number, number, number][]) => {
    const ids = noIds()
    for (const [client, clock, len] of list) pushRange(ids, client, clock, len)
    return unionIds([ids])
  }
  const listed = (ids: ReturnType<typeof noIds>) =>
    [...ids.clients]
      .flatMap(([client, items]) =>
        items.flatMap(({ clock, len }) =>
          Array.from({ length: len }, (_, i) => `${client}:${clock + i}`),
        ),
      )
      .sort()
  fc.assert(
    fc.property(ranges, ranges, (a, b) => {
      const known = new Set(listed(setOf(b)))
      const expected = listed(setOf(a)).filter((id) => !known.has(id))
      expect(listed(subtractIds(setOf(a), setOf(b)))).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

test('only valid document ids are accepted', () => {
  for (const good of ['a', 'notes/2026', 'ü ✓', 'x'.repeat(200), '...']) {
    expect(docIdProblem(good)).toBeNull()
  }
  for (const bad of ['', '.', '..', 'a\nb', '\u0000', 'x'.repeat(201), '\ud800']) {
    expect(docIdProblem(bad)).not.toBeNull()
  }
  expect(segmentPath('a/b?c#d', 3)).toBe('/docs/a%2Fb%3Fc%23d/segments/3')
})

test('only UUIDs are accepted as batch ids', () => {
  expect(isBatchId('0b7b6f0e-4f2c-4d6a-9a57-3a4c1f0d9e11')).toBe(true)
  for (const bad of [
    '',
    '1',
    '0b7b6f0e4f2c4d6a9a573a4c1f0d9e11',
    ' 0b7b6f0e-4f2c-4d6a-9a57-3a4c1f0d9e11',
  ]) {
    expect(isBatchId(bad)).toBe(false)
  }
})

test('error bodies are read from unknown JSON', () => {
  expect(parseErrorBody({ error: { code: 'forbidden', message: 'no' } })).toEqual({
    code: 'forbidden',
    message: 'no',
  })
  for (const bad of [
    null,
    1,
    {},
    { error: null },
    { error: { code: 'toString', message: '' } },
    { error: { code: 1, message: '' } },
  ]) {
    expect(parseErrorBody(bad)).toBeNull()
  }
})
