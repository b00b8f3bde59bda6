import { describe, expect, test } from 'vitest'
import type { NewestRows } from 'y-electric/protocol'
import { announcing } from './announcer.ts'

const newest = (...seqs: number[]): NewestRows => ({ activeSegment: 1, seqs })
const comment = (...seqs: number[]) => `: y-electric segment=1 seq=${seqs.join(',')}\n\n`

/** A stream that the test writes, and its reader. */
function setup(contentType = 'text/event-stream') {
  let upstream: ReadableStreamDefaultController<Uint8Array> | undefined
  let isCancelled = false
  let tell: ((newest: NewestRows) => void) | null = null
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      upstream = controller
    },
    cancel() {
      isCancelled = true
    },
  })
  const headers = { 'content-type': contentType, 'electric-handle': 'h' }
  const response = announcing(new Response(body, { headers }), newest(1), (listener) => {
    tell = listener
    return () => {
      tell = null
    }
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (upstream === undefined || reader === undefined) throw new Error('no stream')
  const { enqueue, close, error } = upstream
  return {
    response,
    reader,
    write: (text: string) => enqueue.call(upstream, new TextEncoder().encode(text)),
    end: () => close.call(upstream),
    fail: () => error.call(upstream, new Error('reset')),
    tell: (...seqs: number[]) => tell?.(newest(...seqs)),
    isSubscribed: () => tell !== null,
    isCancelled: () => isCancelled,
    /** Reads until the text has this length. */
    async read(length: number): Promise<string> {
      let text = ''
      while (text.length < length) text += (await reader.read()).value ?? ''
      return text
    },
  }
}

describe('announcements in an event stream', () => {
  test('are sent at once, and then at every change', async () => {
    const { response, read, tell, write } = setup()
    expect(response.headers.get('electric-handle')).toBe('h')
    expect(await read(1)).toBe(comment(1))
    tell(1)
    tell(2, 1)
    tell(2, 1)
    expect(await read(1)).toBe(comment(2, 1))
    write('data: 1\n\n')
    expect(await read(1)).toBe('data: 1\n\n')
  })

  test.each(['\n', '\r\n', '\r'])('never split an event, with line ends %j', async (end) => {
    const { read, tell, write } = setup()
    const event = `data: {"a":1}${end}data: {"b":2}${end}${end}`
    expect(await read(1)).toBe(comment(1))
    // A chunk that ends between CR and LF may complete the event, whose LF then means nothing.
    for (let at = 1; at < event.length - 1; at++) {
      const seq = at + 100
      write(event.slice(0, at))
      tell(seq)
      expect(await read(1)).toBe(comment(seq))
      write(event.slice(at))
      expect(await read(1)).toBe(event)
    }
  })

  test('end with the stream, whether the server or the reader ends it', async () => {
    const ended = setup()
    ended.end()
    expect(await ended.read(1)).toBe(comment(1))
    expect((await ended.reader.read()).done).toBe(true)
    expect(ended.isSubscribed()).toBe(false)

    const failed = setup()
    failed.fail()
    expect(await failed.read(1)).toBe(comment(1))
    // Its reader continues from its last offset, as after the end of a stream.
    expect((await failed.reader.read()).done).toBe(true)
    expect(failed.isSubscribed()).toBe(false)

    const left = setup()
    await left.reader.cancel()
    await expect.poll(() => [left.isSubscribed(), left.isCancelled()]).toEqual([false, true])
  })

  test('are limited in number for a reader that does not read', async () => {
    const { tell, read } = setup()
    for (let seq = 2; seq < 1_000; seq++) tell(seq)
    expect((await read(1)).length).toBeLessThan(2_000)
  })

  test('remove the Content-Length of the answer, which would truncate it', () => {
    const headers = { 'content-type': 'text/event-stream', 'content-length': '9' }
    const response = announcing(new Response('data: 1\n\n', { headers }), newest(1), () => () => {})
    expect(response.headers.get('content-length')).toBeNull()
  })

  test('are not added to other answers', async () => {
    const { read, write, isSubscribed } = setup('application/json')
    write('[]')
    expect(await read(2)).toBe('[]')
    expect(isSubscribed()).toBe(false)
  })
})
