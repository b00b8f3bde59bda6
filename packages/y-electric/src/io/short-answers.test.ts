import { expect, test } from 'vitest'
import type { Clock } from './clock.ts'
import { isShort, withReadLimit } from './short-answers.ts'

test.each<[Record<string, string>, boolean]>([
  [{ 'content-length': '9' }, true],
  [{ 'content-length': '9', 'content-type': 'text/html' }, true],
  [{ 'content-length': '9000000', 'content-type': 'application/vnd.y-electric.state' }, false],
  [{ 'content-type': 'application/json' }, true],
  [{ 'content-type': 'application/problem+json' }, true],
  [{ 'content-type': 'application/json', 'electric-handle': '1' }, false],
  [{ 'content-type': 'application/vnd.y-electric.presence' }, true],
  [{ 'content-type': 'text/html' }, false],
  [{}, false],
])('an answer with the headers %j is short: %s', (headers, expected) => {
  expect(isShort(new Response(null, { headers }))).toBe(expected)
})

test.each(['arrayBuffer', 'json', 'text'] as const)(
  '%s of a body that does not arrive in time fails and leaves no timer',
  async (name) => {
    let ring = () => {}
    let timers = 0
    const clock: Clock = {
      now: () => 0,
      random: () => 0,
      uuid: () => '',
      after(_ms, task) {
        timers += 1
        ring = task
        return () => {
          timers -= 1
        }
      },
    }
    const whole = withReadLimit(Response.json(1), clock, 100, () => new Error('late'))
    await whole[name]()
    expect(timers).toBe(0)
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
    const read = withReadLimit(new Response(body), clock, 100, () => new Error('late'))[name]()
    expect(timers).toBe(1)
    ring()
    await expect(read).rejects.toThrow('late')
    expect(timers).toBe(0)
  },
)
