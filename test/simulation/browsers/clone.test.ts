import { expect, test } from 'vitest'
import { cloned } from './clone.ts'

const bytes = Uint8Array.from([1, 2, 3, 4]).subarray(1, 3)
const message = {
  type: 'edit',
  id: null,
  list: [bytes, { n: 1n, none: undefined }],
  map: new Map([[1, bytes]]),
}

test('a copied message equals its structured clone, and shares no bytes with the original', () => {
  const copy = cloned(message)
  expect(copy).toEqual(structuredClone(message))
  expect(copy.list[0]).not.toBe(bytes)
  bytes[0] = 9
  expect((copy.list[0] as Uint8Array)[0]).toBe(2)
})

test.each([() => {}, Symbol('a'), { inside: [() => {}] }])(
  'values that a browser does not send are not copied either',
  (value) => {
    expect(() => cloned(value)).toThrow(DOMException)
  },
)
