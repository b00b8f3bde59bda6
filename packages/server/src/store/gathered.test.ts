import { expect, test } from 'vitest'
import { Gathered } from './gathered.ts'

const MIB = 1024 * 1024

test('pieces of any size give the bytes that arrived, in a buffer of exactly their length', async () => {
  const sizes = [1, 3 * MIB, 9 * MIB, 0, 5 * MIB + 7, 12 * MIB]
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const gathered = new Gathered(total)
  for (const [i, size] of sizes.entries()) await gathered.add(Buffer.alloc(size, i + 1))
  const bytes = gathered.take()
  expect(bytes.buffer.byteLength).toBe(total)
  const expected = Buffer.concat(sizes.map((size, i) => Buffer.alloc(size, i + 1)))
  expect(Buffer.compare(bytes, expected)).toBe(0)
})

test('nothing is taken before the last piece, and nothing is added after it', async () => {
  const gathered = new Gathered(2)
  await gathered.add(Buffer.of(1))
  expect(() => gathered.take()).toThrow(RangeError)
  await expect(gathered.add(Buffer.of(2, 3))).rejects.toThrow(RangeError)
  await gathered.add(Buffer.of(2))
  expect([...gathered.take()]).toEqual([1, 2])
  expect(new Gathered(0).take().byteLength).toBe(0)
})
