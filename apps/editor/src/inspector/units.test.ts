import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesInWords, counted, shareInWords, timesInWords } from './units.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 KB'],
  [1_024, '1.0 KB'],
  [10_188, '9.9 KB'],
  [10_200, '10 KB'],
  [1_000_000, '977 KB'],
  [1_023_990, '1.0 MB'],
  [5_242_880, '5.0 MB'],
  [3 * 1_024 ** 3, '3.0 GB'],
])('%d bytes are written as %s', (bytes, words) => {
  expect(bytesInWords(bytes)).toBe(words)
})

test('a size has at most three digits, and more bytes never show a smaller size', () => {
  const inBytes = (words: string) => {
    const [size = '', unit = ''] = words.split(' ')
    return Number(size) * 1_024 ** ['B', 'KB', 'MB', 'GB'].indexOf(unit)
  }
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 2), (bytes) => {
      const words = bytesInWords(bytes)
      expect(words).toMatch(/^(\d{1,3}|\d\.\d) (B|KB|MB|GB)$/)
      expect(inBytes(bytesInWords(bytes + 1))).toBeGreaterThanOrEqual(inBytes(words))
    }),
  )
})

test('counts, shares and ratios are written in words', () => {
  expect(counted(1, 'row')).toBe('1 row')
  expect(counted(0, 'row')).toBe('0 rows')
  expect(counted(1_204, 'row')).toBe('1,204 rows')
  expect(counted(2, 'entry', 'entries')).toBe('2 entries')
  expect(shareInWords(0, 10)).toBe('0 %')
  expect(shareInWords(1, 1_000)).toBe('< 1 %')
  expect(shareInWords(1, 3)).toBe('33 %')
  expect(shareInWords(5, 0)).toBe('0 %')
  expect(timesInWords(14, 10)).toBe('1.4×')
  expect(timesInWords(1_204, 100)).toBe('12×')
  expect(timesInWords(4, 0)).toBe('4.0×')
})
