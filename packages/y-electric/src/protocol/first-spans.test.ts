import { expect, test } from 'vitest'
import { firstSpans } from './first-spans.ts'

const struct = (clock: number, length: number, name = '') => ({ id: { clock }, length, name })

test('the first of several structs with the same clock counts, and the others fill the gaps', () => {
  const spans = firstSpans([
    struct(5, 5, 'a'),
    struct(0, 20, 'b'),
    struct(15, 10, 'c'),
    struct(7, 2, 'd'),
    struct(30, 1, 'e'),
  ])
  expect(spans.map(({ struct: { name }, from, until }) => `${name} ${from}-${until}`)).toEqual([
    'b 0-5',
    'a 5-10',
    'b 10-20',
    'c 20-25',
    'e 30-31',
  ])
})

test('the result equals a walk over all clocks, for any structs', () => {
  let state = 1
  const below = (n: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % n
  }
  for (let run = 0; run < 500; run++) {
    const structs = Array.from({ length: below(12) }, (_, i) =>
      struct(below(40), 1 + below(12), String(i)),
    )
    const owners = new Map<number, string>()
    for (const { id, length, name } of structs) {
      for (let clock = id.clock; clock < id.clock + length; clock++) {
        if (!owners.has(clock)) owners.set(clock, name)
      }
    }
    const spans = firstSpans(structs)
    const found = spans.flatMap(({ struct: { name }, from, until }) =>
      Array.from({ length: until - from }, (_, i) => [from + i, name]),
    )
    expect(found).toEqual([...owners].sort(([a], [b]) => a - b))
  }
})

test('the time is proportional to the number of structs even if each overlaps others', () => {
  const structs = Array.from({ length: 100_000 }, (_, i) => struct((i * 7_919) % 100_000, 3))
  const before = process.cpuUsage()
  expect(firstSpans(structs).length).toBeGreaterThan(1_000)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1_000).toBeLessThan(3_000)
})
