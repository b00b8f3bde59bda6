import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { compressUnlessLive, gzipFor } from './compression.ts'

const bytesOf = (byteLength: number) => ({ chunks: [new Uint8Array(byteLength)], byteLength })

/** The result of `gzipFor` for these bytes in a request to an app with or without compression. */
async function gzipIn(
  bytes: ReturnType<typeof bytesOf>,
  { compress = true, accepted = 'gzip' } = {},
) {
  let result: Awaited<ReturnType<typeof gzipFor>> = null
  const app = new Hono()
  if (compress) app.use(compressUnlessLive)
  app.get('/', async (c) => {
    result = await gzipFor(c, bytes)
    return c.text('')
  })
  await app.request('/', { headers: { 'accept-encoding': accepted } })
  return result
}

test.each([2_000, 100_000])(
  'requests that share %i bytes share their compressed form',
  async (size) => {
    const [bytes, others] = [bytesOf(size), bytesOf(size)]
    const [first, second] = await Promise.all([gzipIn(bytes), gzipIn(bytes)])
    expect(first).not.toBeNull()
    expect(second).toBe(first)
    expect(await gzipIn(bytes)).toBe(first)
    expect(await gzipIn(others)).not.toBe(first)
  },
)

test('nothing is compressed at once if the app, the client or the size does not allow it', async () => {
  expect(await gzipIn(bytesOf(2_000), { compress: false })).toBeNull()
  expect(await gzipIn(bytesOf(2_000), { accepted: 'br' })).toBeNull()
  expect(await gzipIn(bytesOf(1_023))).toBeNull()
  expect(await gzipIn(bytesOf(1024 * 1024 + 1))).toBeNull()
})

test('an answer without a body is left as it is, whatever length it names', async () => {
  const app = new Hono().use(compressUnlessLive)
  const headers = { 'content-length': '2000', 'content-type': 'application/json' }
  app.get('/', () => new Response(null, { status: 304, headers }))
  const answer = await app.request('/', { headers: { 'accept-encoding': 'gzip' } })
  expect([answer.status, answer.headers.get('content-encoding')]).toEqual([304, null])
})
