import { expect, test } from 'vitest'
import { isDocId, newDocId } from './docId.ts'

test('a new document has a valid, readable and unique id', () => {
  const ids = Array.from({ length: 500 }, () => newDocId())
  expect(ids.every(isDocId)).toBe(true)
  expect(new Set(ids).size).toBe(ids.length)
  expect(newDocId((size) => new Uint8Array(size))).toBe('amber-anchor-0000000000')
})

test.each(['', ' ', '.hidden', 'a b', 'a/b', 'é', 'a\n', 'x'.repeat(201)])(
  '%j is not a document id',
  (text) => {
    expect(isDocId(text)).toBe(false)
  },
)
