import fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import {
  decodePresence,
  encodePresence,
  isPresenceOf,
  MAX_PRESENCE_DEPTH,
  type PresenceRow,
} from './presence-frames.ts'

const clientId = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const row: fc.Arbitrary<PresenceRow> = fc.record({
  clientId,
  ageMs: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  data: fc.uint8Array({ maxLength: 200 }),
})

/** An awareness update, written by hand. */
function update(entries: readonly [id: number, clock: number, json: string][]): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, entries.length)
  for (const [id, clock, json] of entries) {
    encoding.writeVarUint(encoder, id)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, json)
  }
  return encoding.toUint8Array(encoder)
}

describe('presence rows', () => {
  test('are decoded unchanged', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
        expect(decodePresence(encodePresence(rows))).toEqual(rows)
      }),
    )
  })

  test('have this binary form', () => {
    const bytes = encodePresence([{ clientId: 300, ageMs: 5, data: new Uint8Array([9, 8]) }])
    expect([...bytes]).toEqual([1, 1, 172, 2, 5, 2, 9, 8])
    expect([...encodePresence([])]).toEqual([1, 0])
  })

  test('are refused if they are truncated, too long or of another version', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.nat(), (rows, cut) => {
        const bytes = encodePresence(rows)
        expect(() => decodePresence(bytes.slice(0, cut % bytes.length))).toThrow()
        expect(() => decodePresence(new Uint8Array([...bytes, 0]))).toThrow('left over')
        expect(() => decodePresence(new Uint8Array([2, ...bytes.slice(1)]))).toThrow('version 2')
      }),
    )
  })

  test('are decoded or refused for any bytes, and decoding terminates', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodePresence(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
    )
  })
})

describe('isPresenceOf', () => {
  test('accepts what y-protocols makes for this client', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), clientId, (state, id) => {
        const doc = new Y.Doc()
        doc.clientID = id
        const awareness = new Awareness(doc)
        try {
          awareness.setLocalState(state)
          expect(isPresenceOf(id, encodeAwarenessUpdate(awareness, [id]))).toBe(true)
          expect(isPresenceOf(id + 1, encodeAwarenessUpdate(awareness, [id]))).toBe(false)
        } finally {
          awareness.destroy()
        }
      }),
      { numRuns: 50 },
    )
  })

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['nobody', update([])],
    ['somebody else', update([[8, 1, '{}']])],
    [
      'another client as well',
      update([
        [7, 1, '{}'],
        [8, 1, '{}'],
      ]),
    ],
    ['bytes left over', new Uint8Array([...update([[7, 1, '{}']]), 0])],
    ['cut short', update([[7, 1, '{"name":"Ada"}']]).slice(0, -1)],
    ['no JSON', update([[7, 1, '{name}']])],
    ['a number', update([[7, 1, '5']])],
    ['a text', update([[7, 1, '"Ada"']])],
    ['an endless clock', new Uint8Array([1, 7, ...new Array(20).fill(255)])],
    ['no UTF-8', new Uint8Array([1, 7, 1, 4, 0x22, 0xff, 0xfe, 0x22])],
  ])('refuses %s', (_name, bytes) => {
    expect(isPresenceOf(7, bytes)).toBe(false)
  })

  test('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), clientId, (bytes, id) => {
        expect(typeof isPresenceOf(id, bytes)).toBe('boolean')
      }),
    )
  })
})

test('a presence state that is nested too deeply is refused, and one at the limit is accepted', () => {
  const nested = (levels: number, open: string, close: string) =>
    update([[7, 1, `{"user":${open.repeat(levels)}1${close.repeat(levels)}}`]])
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    expect(isPresenceOf(7, nested(MAX_PRESENCE_DEPTH - 1, open, close))).toBe(true)
    expect(isPresenceOf(7, nested(MAX_PRESENCE_DEPTH, open, close))).toBe(false)
    expect(isPresenceOf(7, nested(8_000, open, close))).toBe(false)
  }
})
