import { describe, expect, test } from 'vitest'
import { sharedReads } from './shared-reads.ts'

/** Reads that answer when the test says so, or end with their signal. */
function gatedReads() {
  const reads: { readonly answer: (value: string) => void; readonly signal: AbortSignal }[] = []
  const read = (signal: AbortSignal) =>
    new Promise<string>((answer, reject) => {
      reads.push({ answer, signal })
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  return { reads, read }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

const reader = () => {
  const controller = new AbortController()
  return { signal: controller.signal, leave: () => controller.abort(new Error('it has gone')) }
}

describe('a read that several readers share', () => {
  test('is aborted when the last of its readers leaves', async () => {
    const { reads, read } = gatedReads()
    const shared = sharedReads<string>()
    const running = shared.read('a', read)
    const [one, two] = [reader(), reader()]
    const waiting = [shared.read('a', read, one.signal), shared.read('a', read, two.signal)]
    reads[0]?.answer('first')
    expect(await running).toBe('first')
    await settled()
    one.leave()
    await expect(waiting[0]).rejects.toThrow('it has gone')
    expect(reads[1]?.signal.aborted).toBe(false)
    two.leave()
    await expect(waiting[1]).rejects.toThrow('it has gone')
    expect(reads[1]?.signal.aborted).toBe(true)
  })

  test('never starts if all of its readers leave while it waits, and later readers get another', async () => {
    const { reads, read } = gatedReads()
    const shared = sharedReads<string>()
    const running = shared.read('a', read)
    const gone = reader()
    const waiting = shared.read('a', read, gone.signal)
    gone.leave()
    await expect(waiting).rejects.toThrow('it has gone')
    const later = shared.read('a', read)
    reads[0]?.answer('first')
    expect(await running).toBe('first')
    await settled()
    expect(reads.length).toBe(2)
    reads[1]?.answer('second')
    expect(await later).toBe('second')
  })

  test('is not started for a reader that has already left', async () => {
    const { reads, read } = gatedReads()
    const gone = reader()
    gone.leave()
    await expect(sharedReads<string>().read('a', read, gone.signal)).rejects.toThrow('it has gone')
    expect(reads).toEqual([])
  })
})
