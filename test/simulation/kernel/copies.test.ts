import { expect, test } from 'vitest'
import { Copies, Lease } from './copies.ts'
import { compileModule, type GlobalsOptions } from './globals.ts'

interface Exports {
  readonly now: () => number
  readonly random: () => number
  readonly later: () => void
}

const SOURCE = `
  exports.now = () => Date.now()
  exports.random = () => Math.random()
  exports.later = () => setTimeout(() => {}, 5)
`

const optionsAt = (now: number, asked: number[] = []): GlobalsOptions => ({
  timeline: {
    after: (ms) => {
      asked.push(ms)
      return () => {}
    },
  },
  owner: { runsAt: (due) => due, run: (task) => task() },
  now: () => now,
  random: () => now / 10,
})

test('a copy that was returned is used again, with the clock, random numbers and timers of the next run', () => {
  const evaluate = compileModule(SOURCE, 'copied.js')
  let evaluations = 0
  const copies = new Copies((globals) => {
    evaluations += 1
    return evaluate(globals, () => null) as unknown as Exports
  })
  const first = new Lease()
  const [one, other] = [copies.take(optionsAt(1), first), copies.take(optionsAt(2), first)]
  expect([one.now(), other.now()]).toEqual([1, 2])
  first.end()
  expect(() => one.now()).toThrow('a run has ended')
  expect(() => one.later()).toThrow('a run has ended')
  const asked: number[] = []
  const again = copies.take(optionsAt(3, asked), new Lease())
  again.later()
  expect([one, other]).toContain(again)
  expect([again.now(), again.random(), asked]).toEqual([3, 0.3, [5]])
  expect(evaluations).toBe(2)
})

test('a copy is reset when a run takes it', () => {
  const resets: number[] = []
  const copies = new Copies(
    () => ({ at: 1 }),
    ({ at }) => resets.push(at),
  )
  copies.take(optionsAt(1), new Lease())
  expect(resets).toEqual([1])
})
