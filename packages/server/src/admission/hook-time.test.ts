import { expect, test, vi } from 'vitest'
import { askLimits } from './hook.ts'
import { hookInTime } from './hook-time.ts'

const HOOK = { name: 'authorize', code: 'authorization_unavailable' } as const
const LIMITS = { hookTimeoutMs: 1_000, retryAfterSeconds: 3 }
const NEVER = (): Promise<never> => new Promise(() => {})

test('an answer in time counts, and leaves neither a timer nor a listener', async () => {
  vi.useFakeTimers()
  const { signal } = new AbortController()
  const removed = vi.spyOn(signal, 'removeEventListener')
  for (const call of [() => 'yes', async () => 'yes']) {
    expect(await hookInTime(call, HOOK, signal, LIMITS)).toBe('yes')
  }
  const failing = async (): Promise<string> => Promise.reject(new Error('a bug'))
  await expect(hookInTime(failing, HOOK, signal, LIMITS)).rejects.toThrow('a bug')
  expect([vi.getTimerCount(), removed.mock.calls.length]).toEqual([0, 2])
  vi.useRealTimers()
})

test('without an answer the request fails at the deadline, with the code of the hook', async () => {
  vi.useFakeTimers()
  const { signal } = new AbortController()
  const asked = hookInTime(NEVER, HOOK, signal, LIMITS).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await asked).toMatchObject({ code: 'authorization_unavailable', retryAfterSeconds: 3 })
  vi.useRealTimers()
})

test('without an answer the request ends when its client has disconnected', async () => {
  const client = new AbortController()
  const asked = hookInTime(NEVER, HOOK, client.signal, LIMITS).catch((error: unknown) => error)
  client.abort(new Error('disconnected'))
  expect(await asked).toMatchObject({ message: 'disconnected' })
  await expect(hookInTime(NEVER, HOOK, client.signal, LIMITS)).rejects.toThrow('disconnected')
})

test('a limit that does not answer refuses with server_busy', async () => {
  const waits = { hookTimeoutMs: 1, retryAfterSeconds: 3, quotaRetryAfterSeconds: 30 }
  const request = new Request('http://127.0.0.1/')
  const about = {} as Parameters<typeof askLimits>[2]
  await expect(askLimits([NEVER], request, about, waits)).rejects.toMatchObject({
    code: 'server_busy',
    retryAfterSeconds: 3,
  })
})
