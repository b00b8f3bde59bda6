import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ago, facts, harmless, harmlessLine, size, table } from './text.ts'

describe('a size', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KB'],
    [1_049, '1.0 KB'],
    [9_949, '9.9 KB'],
    [9_950, '10 KB'],
    [12_345, '12 KB'],
    [999_499, '999 KB'],
    [999_500, '1.0 MB'],
    [5_432_100, '5.4 MB'],
    [64 * 2 ** 20, '67 MB'],
    [2e15, '2000 TB'],
  ])('%d is %s', (bytes, said) => {
    expect(size(bytes)).toBe(said)
  })

  test('is never shown smaller for more bytes', () => {
    const factor = { ' B': 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as Record<string, number>
    const value = (text: string) => Number.parseFloat(text) * (factor[text.slice(-2)] ?? Number.NaN)
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), fc.nat({ max: 2 ** 40 }), (a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)]
        expect(value(size(small))).toBeLessThanOrEqual(value(size(large)))
      }),
    )
  })
})

test.each([
  [0, 'just now'],
  [-5_000, 'just now'],
  [59, 'just now'],
  [60, '1 minute ago'],
  [3_599, '59 minutes ago'],
  [3_600, '1 hour ago'],
  [86_399, '23 hours ago'],
  [86_400, 'yesterday'],
  [29 * 86_400, '29 days ago'],
  [30 * 86_400, 'last month'],
  [365 * 86_400, 'last year'],
  [800 * 86_400, '2 years ago'],
])('%d seconds are shown as "%s"', (seconds, said) => {
  const now = new Date('2026-08-01T12:00:00Z')
  expect(ago(new Date(now.getTime() - seconds * 1_000).toISOString(), now)).toBe(said)
})

test('a table is aligned by the width of each character on a terminal', () => {
  const columns = [{ heading: 'NAME' }, { heading: 'ROWS', isRight: true }, { heading: 'X' }]
  const rows = [
    ['a', '1', ''],
    ['日本', '1,234', 'y'],
    ['👩‍👩‍👧', '', 'a b'],
  ]
  expect(table(columns, rows).split('\n').slice(0, 3)).toEqual([
    'NAME   ROWS  X',
    'a         1',
    '日本  1,234  y',
  ])
})

test('facts are aligned in two columns', () => {
  expect(
    facts([
      ['a', '1'],
      ['longer', 'two\nlines'],
    ]),
  ).toBe('a       1\nlonger  two lines')
})

test('text of other people cannot control the terminal', () => {
  expect(harmless('\u001b[2J\u001b]0;title\u0007red\u009b31m')).toBe(
    '\ufffd[2J\ufffd]0;title\ufffdred\ufffd31m',
  )
  expect(harmless('a\r\nb\tc\u202ed')).toBe('a\nb\tc\ufffdd')
  expect(harmlessLine('a\nb\tc')).toBe('a b c')
  expect(table([{ heading: 'A' }], [['\u001b[31m\n']])).toBe('A\n\ufffd[31m')
})
