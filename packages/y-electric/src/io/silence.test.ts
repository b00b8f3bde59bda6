import { describe, expect, test } from 'vitest'
import type { Clock } from './clock.ts'
import { timedReader, withSilenceLimit } from './silence.ts'

/** A clock that the test moves. */
function handClock() {
  let time = 0
  const timers = new Set<{ at: number; task: () => void }>()
  const clock: Clock = {
    now: () => time,
    random: () => 0,
    uuid: () => '',
    after(ms, task) {
      const timer = { at: time + ms, task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  }
  return {
    clock,
    timers,
    pass(ms: number) {
      time += ms
      for (const timer of [...timers].filter(({ at }) => at <= time)) {
        timers.delete(timer)
        timer.task()
      }
    },
  }
}

const late = () => new Error('silent')

describe('a guarded body', () => {
  test('leaves no timer when it is cut off while nobody reads it', async () => {
    const { clock, timers } = handClock()
    let breakOff = () => {}
    const body = new ReadableStream({
      start(controller) {
        breakOff = () => controller.error(new Error('aborted'))
      },
    })
    timedReader(body, clock, 100, late)
    expect(timers.size).toBe(1)
    breakOff()
    await Promise.resolve()
    await Promise.resolve()
    expect(timers.size).toBe(0)
  })

  test('arrives whole and leaves no timer', async () => {
    const { clock, timers } = handClock()
    const response = withSilenceLimit(new Response('all of it'), clock, 100, late)
    expect(await response.text()).toBe('all of it')
    expect(timers.size).toBe(0)
  })

  test('fails when nothing arrives during a read', async () => {
    const { clock, timers, pass } = handClock()
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
    const text = withSilenceLimit(new Response(body), clock, 100, late).text()
    await Promise.resolve()
    pass(100)
    await expect(text).rejects.toThrow('silent')
    expect(timers.size).toBe(0)
  })

  test('fails earlier when its first bytes do not come', async () => {
    const { clock, pass } = handClock()
    const bodies: TransformStream<Uint8Array, Uint8Array>[] = []
    const open = () => {
      const body = new TransformStream<Uint8Array, Uint8Array>()
      bodies.push(body)
      return timedReader(body.readable, clock, 100, late, 10)
    }
    const silent = open().read()
    pass(10)
    await expect(silent).rejects.toThrow('silent')
    const heard = open()
    const writer = bodies.at(-1)?.writable.getWriter()
    void writer?.write(new Uint8Array(1))
    await heard.read()
    const next = heard.read()
    pass(99)
    void writer?.write(new Uint8Array(2))
    expect((await next).value).toHaveLength(2)
  })

  test('leaves no timer when it is cancelled', async () => {
    const { clock, timers } = handClock()
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) })
    await withSilenceLimit(new Response(body), clock, 100, late).body?.cancel()
    expect(timers.size).toBe(0)
  })

  test.each([204, 205, 304])(
    'an answer %i has no body, even if the runtime provides one',
    (status) => {
      const { clock, timers } = handClock()
      // Chromium gives a 204 from the network an empty body, but does not let a page construct
      // one.
      const bare = new Response(null, { status })
      const response = Object.defineProperty(bare, 'body', { value: new ReadableStream() })
      expect(withSilenceLimit(response, clock, 100, late)).toBe(response)
      expect(timers.size).toBe(0)
    },
  )
})
