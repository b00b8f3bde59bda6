import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Breather } from './breather.ts'

const PIECE = 256 * 1024

beforeEach(() => vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }))
afterEach(() => vi.useRealTimers())

/** The virtual times at which the reads continue, in milliseconds. */
async function waits(reads: readonly Promise<void>[]): Promise<number[]> {
  const ended: number[] = []
  const began = performance.now()
  const all = reads.map((read) => read.then(() => ended.push(performance.now() - began)))
  await vi.advanceTimersByTimeAsync(1_000)
  await Promise.all(all)
  return ended
}

test('a read has no pause while nobody edits', async () => {
  await new Breather().afterPiece(50 * PIECE, 20)
  expect(vi.getTimerCount()).toBe(0)
})

test('while somebody edits, a read pauses as long as its last piece took, but not in its first 256 KiB', async () => {
  const breather = new Breather()
  breather.noteEdit()
  await breather.afterPiece(PIECE, 20)
  expect(await waits([breather.afterPiece(PIECE + 1, 20)])).toEqual([20])
  breather.noteEdit()
  expect(await waits([breather.afterPiece(9 * PIECE, 5_000)])).toEqual([30])
})

test('reads pause one after the other, and none for longer than 300 ms', async () => {
  const breather = new Breather()
  breather.noteEdit()
  const ended = await waits(Array.from({ length: 15 }, () => breather.afterPiece(5 * PIECE, 25)))
  expect(ended.slice(0, 3)).toEqual([25, 50, 75])
  expect(Math.max(...ended)).toBe(300)
})

test('a second after the last edit, reads have no pause', async () => {
  const breather = new Breather()
  breather.noteEdit()
  await vi.advanceTimersByTimeAsync(1_001)
  await breather.afterPiece(5 * PIECE, 20)
  expect(vi.getTimerCount()).toBe(0)
})
