import { expect, test, vi } from 'vitest'
import { runFold } from './fold-runner.ts'

/** Yjs fails at these rows together, so each attempt but a long search fails. */
const attempts: (number | undefined)[] = []
const fold = (_sources: unknown, _gc: boolean, maxTries?: number) => {
  attempts.push(maxTries)
  if (maxTries === 0) throw new Error('Yjs cannot use the rows together')
  return new Uint8Array([2])
}

const job = {
  sources: { previous: null, rows: [{ seq: 1, segment: 0, data: new Uint8Array(100) }] },
  gc: true,
}

test('a small fold whose rows fail together is attempted once on the page, and then in a worker', async () => {
  attempts.length = 0
  const worker = {
    onmessage: null as ((event: MessageEvent) => void) | null,
    onerror: null,
    postMessage() {
      this.onmessage?.({ data: new Uint8Array([1]) } as MessageEvent)
    },
    terminate: vi.fn(),
  }
  const platform = { hasWorkers: () => true, startWorker: () => worker as unknown as Worker }
  expect(await runFold(job, platform, fold)).toEqual(new Uint8Array([1]))
  expect(attempts).toEqual([0])
  expect(worker.terminate).toHaveBeenCalledOnce()
})

test('where there are no workers, the rows are searched for in the same thread', async () => {
  attempts.length = 0
  const platform = { hasWorkers: () => false, startWorker: () => null }
  expect(await runFold(job, platform, fold)).toEqual(new Uint8Array([2]))
  expect(attempts).toEqual([undefined])
})
