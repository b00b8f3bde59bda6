import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { canStart } from './availability.ts'
import { WorkerPool } from './pool.ts'
import { workerFile } from './worker-file.ts'

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
afterEach(() => warn.mockClear())
afterAll(() => warn.mockRestore())

const limits = { timeoutMs: 1_000, memoryMb: 64 }

test('a job whose worker a bundler left out runs on the event loop, and the operator is warned once', async () => {
  const worker = pathToFileURL('/nowhere/worker.js')
  const pool = new WorkerPool({ jobs: { double: (n: number) => 2 * n }, worker })
  pool.warmUp(64)
  expect(await pool.runInWorker('double', 4, limits)).toBe(8)
  expect(await pool.runInWorker('double', 5, limits)).toBe(10)
  expect(warn).toHaveBeenCalledTimes(1)
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/nowhere\/worker\.js.*external/))
})

test('a bundle whose modules have no address loads, and its jobs run on the event loop', async () => {
  const worker = workerFile(undefined, 'worker.js')
  const pool = new WorkerPool({ jobs: { double: (n: number) => 2 * n }, worker })
  pool.warmUp(64)
  expect(await pool.runInWorker('double', 4, limits)).toBe(8)
  expect(warn).toHaveBeenCalledTimes(1)
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('no files for worker threads'))
})

test('an error of a job on the event loop reaches its caller', async () => {
  const worker = pathToFileURL('/nowhere/other.js')
  const fail = (): never => {
    throw new RangeError('too much')
  }
  const pool = new WorkerPool({ jobs: { fail }, worker })
  await expect(pool.runInWorker('fail', undefined, limits)).rejects.toThrow(RangeError)
})

test('a worker whose file exists can start', () => {
  expect(canStart(new URL(import.meta.url))).toBe(true)
  expect(warn).not.toHaveBeenCalled()
})
