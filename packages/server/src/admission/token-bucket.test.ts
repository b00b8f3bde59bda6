import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { askLimits, type LimitHook, type LimitSubject } from './hook.ts'
import { take, tokenBucket } from './token-bucket.ts'

const about = (user: string | null, more: Partial<LimitSubject> = {}): LimitSubject => ({
  user,
  address: '192.0.2.1',
  docId: 'd',
  action: 'write',
  route: 'appendUpdate',
  size: 10,
  isLive: false,
  clientId: null,
  ...more,
})
const request = new Request('http://any.test/')
const waits = { hookTimeoutMs: 10_000, retryAfterSeconds: 1, quotaRetryAfterSeconds: 30 }

describe('a token bucket', () => {
  test('gives exactly its burst and the tokens gained since, never more', () => {
    const rate = { perSecond: 5, burst: 20 }
    fc.assert(
      fc.property(
        fc.array(fc.record({ wait: fc.nat(2_000), cost: fc.integer({ min: 0, max: 20 }) }), {
          maxLength: 100,
        }),
        (steps) => {
          let now = 1_000
          let bucket: Parameters<typeof take>[0]
          let taken = 0
          for (const { wait, cost } of steps) {
            now += wait
            const taking = take(bucket, cost, now, rate)
            bucket = taking.bucket
            if (taking.waitSeconds === 0) taken += cost
            else {
              // After the wait that it returns, and no earlier, the tokens are there.
              const later = now + taking.waitSeconds * 1_000
              expect(take(bucket, cost, later + 0.001, rate).waitSeconds).toBe(0)
              expect(take(bucket, cost, later - 1, rate).waitSeconds).toBeGreaterThan(0)
            }
          }
          expect(taken).toBeLessThanOrEqual(rate.burst + ((now - 1_000) / 1_000) * 5 + 1e-6)
        },
      ),
    )
  })

  test('neither adds nor removes tokens when the clock goes back', () => {
    const rate = { perSecond: 1, burst: 1 }
    const { bucket } = take(undefined, 1, 5_000, rate)
    expect(take(bucket, 1, 0, rate).waitSeconds).toBe(1)
  })

  test('is kept for each user, and requests without a user share the bucket of their address', async () => {
    const limit = tokenBucket({ perSecond: 1, burst: 2, now: () => 0 })
    const ask = (subject: LimitSubject) => limit(request, subject)
    for (let i = 0; i < 2; i++) expect(await ask(about('ada'))).toBeNull()
    expect(await ask(about('ada'))).toMatchObject({ code: 'too_many_requests', retryAfter: 1 })
    expect(await ask(about('bob'))).toBeNull()
    for (let i = 0; i < 2; i++) expect(await ask(about(null))).toBeNull()
    expect(await ask(about(null))).toMatchObject({ code: 'too_many_requests' })
    expect(await ask(about(null, { address: '192.0.2.2' }))).toBeNull()
  })

  test.each([
    [undefined, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::99', true],
    [undefined, '2001:db8:1:2::1', '2001:db8:1:3::1', false],
    [56, '2001:db8:1:2::1', '2001:db8:1:3::1', true],
    [128, '2001:db8:1:2::1', '2001:db8:1:2::2', false],
  ])(
    'with ipv6PrefixBits %s, %s and %s share a bucket: %s',
    async (ipv6PrefixBits, one, other, isShared) => {
      const limit = tokenBucket({ perSecond: 1, burst: 1, now: () => 0, ipv6PrefixBits })
      expect(await limit(request, about(null, { address: one }))).toBeNull()
      const answer = await limit(request, about(null, { address: other }))
      expect(answer !== null).toBe(isShared)
    },
  )

  test('takes the cost of a request and the key of the bucket from options', async () => {
    const limit = tokenBucket({
      perSecond: 10,
      burst: 100,
      now: () => 0,
      key: ({ docId, action }) => (action === 'write' ? docId : null),
      cost: ({ size }) => size,
    })
    expect(await limit(request, about('ada', { size: 60 }))).toBeNull()
    expect(await limit(request, about('bob', { size: 60 }))).toMatchObject({ retryAfter: 2 })
    expect(await limit(request, about('bob', { size: 60, action: 'read' }))).toBeNull()
    // A cost above the size of a bucket counts as a full bucket; otherwise the request could never pass.
    expect(await limit(request, about('bob', { size: 999, docId: 'e' }))).toBeNull()
    await expect(limit(request, about('bob', { size: Number.NaN }))).rejects.toThrow(TypeError)
  })

  test('is one of a bounded number of buckets in a process', async () => {
    const limit = tokenBucket({ perSecond: 1, burst: 1, maxKeys: 2, now: () => 0 })
    for (const user of ['a', 'b', 'c']) expect(await limit(request, about(user))).toBeNull()
    expect(await limit(request, about('c'))).not.toBeNull()
    // The least recently used bucket is dropped, and a dropped bucket is full again.
    expect(await limit(request, about('a'))).toBeNull()
  })

  test.each([{ perSecond: 0 }, { perSecond: Number.NaN }, { perSecond: 1, burst: -1 }])(
    'the rate %j is refused',
    (rate) => {
      expect(() => tokenBucket(rate)).toThrow(RangeError)
    },
  )
})

describe('the answer of a limit hook', () => {
  const ask = (...hooks: LimitHook[]) => askLimits(hooks, request, about('ada'), waits)

  test('lets the request pass when it is empty', async () => {
    await ask()
    await ask(
      () => {},
      () => null,
      async () => undefined,
    )
  })

  test('refuses the request with the first refusal, and with its own wait or the default wait', async () => {
    const refuse =
      (code: 'too_many_requests' | 'quota_exceeded', retryAfter?: number): LimitHook =>
      () => ({ code, retryAfter })
    await expect(
      ask(() => null, refuse('quota_exceeded'), refuse('too_many_requests')),
    ).rejects.toMatchObject({
      code: 'quota_exceeded',
      retryAfterSeconds: 30,
    })
    await expect(ask(refuse('too_many_requests', 2.1))).rejects.toMatchObject({
      code: 'too_many_requests',
      retryAfterSeconds: 3,
    })
    await expect(ask(refuse('too_many_requests', Number.NaN))).rejects.toMatchObject({
      retryAfterSeconds: 1,
    })
  })

  test('fails the request when it is anything else', async () => {
    for (const answer of [true, 'no', {}, { code: 'forbidden' }, { code: 7 }, []]) {
      await expect(ask(() => answer as never)).rejects.toThrow(TypeError)
    }
  })
})
