import { expect, test } from 'vitest'
import { sendTo } from './shapes.ts'

test('a request to Electric has its signal as an option too, without which Next.js copies the answer', async () => {
  const { signal } = new AbortController()
  const request = new Request('http://electric.test/v1/shape', { signal })
  const given: unknown[] = []
  const send: typeof fetch = async (...args) => {
    given.push(...args)
    return new Response()
  }
  await sendTo({ url: 'http://electric.test' }, request, send)
  expect(given).toEqual([request, { signal: request.signal }])
})
