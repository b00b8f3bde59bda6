import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Breather } from '../store/breather.ts'
import { AnswerBudget, type AnswerLimits } from './answer-budget.ts'

const MIB = 1024 * 1024
const LIMITS: AnswerLimits = {
  maxAnswersBytes: 3 * MIB,
  answerStallMs: 30_000,
  busyRetryAfterSeconds: 2,
}

/** Other tests of this process edit documents, which would make answers pause for time that is not running. */
const aBudget = () => new AnswerBudget(LIMITS, new Breather())

const large = (mebibytes: number) => ({
  chunks: Array.from({ length: mebibytes }, (_, i) => new Uint8Array(MIB).fill(i)),
  byteLength: mebibytes * MIB,
})

const streamOf = (body: unknown): ReadableStream<Uint8Array> => {
  if (!(body instanceof ReadableStream)) throw new Error('not a stream')
  return body
}

describe('large answers to slow readers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('together hold no more than the budget, and a further one is answered 503', async () => {
    const budget = aBudget()
    const first = streamOf(budget.bodyOf(large(2)))
    expect(() => budget.bodyOf(large(2))).toThrow(
      expect.objectContaining({ code: 'server_busy', retryAfterSeconds: 2 }),
    )
    await first.cancel()
    expect(budget.heldBytes).toBe(0)
    expect(budget.bodyOf(large(2))).toBeInstanceOf(ReadableStream)
  })

  test('count once when readers share them, until the last reader is gone', async () => {
    const budget = aBudget()
    const shared = large(2)
    const readers = [1, 2, 3].map(() => streamOf(budget.bodyOf(shared)))
    expect(budget.heldBytes).toBe(2 * MIB)
    await readers[0]?.cancel()
    await readers[1]?.cancel()
    expect(budget.heldBytes).toBe(2 * MIB)
    await readers[2]?.cancel()
    expect(budget.heldBytes).toBe(0)
  })

  test('arrive whole, and hold no memory once they are read', async () => {
    const budget = aBudget()
    const bytes = large(2)
    const taken = await new Response(streamOf(budget.bodyOf(bytes))).arrayBuffer()
    expect(Buffer.from(taken).equals(Buffer.concat(bytes.chunks))).toBe(true)
    expect(budget.heldBytes).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('pause after their first slice while somebody edits', async () => {
    const breather = new Breather()
    breather.noteEdit()
    const budget = new AnswerBudget(LIMITS, breather)
    const reader = streamOf(budget.bodyOf(large(1))).getReader()
    await reader.read()
    await reader.read()
    let isThirdRead = false
    const third = reader.read().then(() => {
      isThirdRead = true
    })
    await vi.advanceTimersByTimeAsync(1)
    expect(isThirdRead).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await third
    await reader.cancel()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('end for a reader that reads nothing, and continue for one that reads a little', async () => {
    const budget = aBudget()
    const slow = streamOf(budget.bodyOf(large(1))).getReader()
    const silent = streamOf(budget.bodyOf(large(1))).getReader()
    for (let i = 0; i < 2; i++) {
      vi.advanceTimersByTime(20_000)
      expect((await slow.read()).done).toBe(false)
    }
    await expect(silent.read()).rejects.toThrow('the reader took nothing for 30000 ms')
    expect(budget.heldBytes).toBe(MIB)
    await slow.cancel()
    expect(budget.heldBytes).toBe(0)
  })

  test('are released when the reader disconnects', () => {
    const budget = aBudget()
    const reader = new AbortController()
    budget.bodyOf(large(1), reader.signal)
    reader.abort()
    expect(budget.heldBytes).toBe(0)
  })

  test('hold nothing for a reader that has already disconnected', async () => {
    const budget = aBudget()
    const gone = streamOf(budget.bodyOf(large(1), AbortSignal.abort(new Error('gone'))))
    expect([budget.heldBytes, vi.getTimerCount()]).toEqual([0, 0])
    await expect(gone.getReader().read()).rejects.toThrow('gone')

    const leaving = new AbortController()
    let release = (_piece: Uint8Array): void => {}
    async function* pieces() {
      yield await new Promise<Uint8Array>((resolve) => {
        release = resolve
      })
    }
    const left = budget.streamOf(pieces(), MIB, leaving.signal).getReader().read()
    leaving.abort(new Error('left'))
    release(new Uint8Array(1))
    await expect(left).rejects.toThrow('left')
    expect([budget.heldBytes, vi.getTimerCount()]).toEqual([0, 0])
  })

  test('may be larger than the budget, if no other is sent', () => {
    expect(aBudget().bodyOf(large(5))).toBeInstanceOf(ReadableStream)
  })
})

test('the finished answer to a request that changed something is counted, but never refused', async () => {
  const budget = aBudget()
  const { signal } = new AbortController()
  const answerOf = (mebibytes: number) => new Response(new Uint8Array(mebibytes * MIB))
  const first = await budget.count(answerOf(2), { method: 'GET', signal })
  expect(budget.heldBytes).toBe(2 * MIB)
  await expect(budget.count(answerOf(2), { method: 'GET', signal })).rejects.toMatchObject({
    code: 'server_busy',
  })
  const second = await budget.count(answerOf(2), { method: 'POST', signal })
  expect(budget.heldBytes).toBe(4 * MIB)
  expect((await second.arrayBuffer()).byteLength).toBe(2 * MIB)
  expect((await first.arrayBuffer()).byteLength).toBe(2 * MIB)
  expect(budget.heldBytes).toBe(0)
  const head = await budget.count(answerOf(2), { method: 'HEAD', signal })
  expect([head.status, budget.heldBytes]).toEqual([200, 0])
})

test('an answer that is read in pieces holds one piece, and ends its source when the reader leaves', async () => {
  const budget = aBudget()
  let isEnded = false
  async function* pieces() {
    try {
      for (;;) yield new Uint8Array(MIB)
    } finally {
      isEnded = true
    }
  }
  const reader = budget.streamOf(pieces(), MIB).getReader()
  for (let i = 0; i < 10; i++) expect((await reader.read()).value?.byteLength).toBe(MIB)
  expect(budget.heldBytes).toBe(MIB)
  await reader.cancel()
  expect([budget.heldBytes, isEnded]).toEqual([0, true])

  async function* failing() {
    yield new Uint8Array(1)
    throw new Error('the row is gone')
  }
  await expect(new Response(budget.streamOf(failing(), MIB)).arrayBuffer()).rejects.toThrow()
  expect(budget.heldBytes).toBe(0)
})

test('small answers do not count towards the budget', () => {
  const budget = aBudget()
  const body = budget.bodyOf({ chunks: [new Uint8Array([1]), new Uint8Array([2])], byteLength: 2 })
  expect(body).toEqual(new Uint8Array([1, 2]))
  expect(budget.heldBytes).toBe(0)
})
