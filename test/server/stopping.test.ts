// A server that stops gracefully waits for open requests: `signal` ends those that would never end.
import { expect, test } from 'vitest'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, useBackend } from '../e2e/server.ts'
import { postUpdate } from './api.ts'
import { type LiveRequest, openLive } from './live.ts'

const backend = useBackend()

test('when the signal of an app aborts, its open streams and long polls end, new ones are refused, and writes are stored', async () => {
  const stopping = new AbortController()
  const server = await serveApp({ backend: backend.current, signal: stopping.signal })
  const docId = freshDocId('stopping')
  const ada = openClient({ url: server.url, docId, live: 'shared' })
  try {
    await eventually(() => ada.provider.status === 'connected')
    const stream = await openLive(server, docId, { kind: 'segment', mode: 'sse' })
    const poll = await openLive(server, docId, { kind: 'segment', mode: 'long-poll' })
    stopping.abort()
    expect((await stream.ended).status).toBe(200)
    expect((await poll.ended).status).toBe(503)
    await eventually(() => ada.provider.status !== 'connected')
    const late = await openLive(server, docId, { kind: 'segment', mode: 'long-poll' })
    await expectRefused(late)
    expect((await postUpdate(server, docId)).status).toBe(201)
    expect(server.errors).toEqual([])
  } finally {
    await ada.close()
    await server.close()
  }
})

test('an app whose signal is aborted already refuses every stream', async () => {
  const server = await serveApp({ backend: backend.current, signal: AbortSignal.abort() })
  try {
    const docId = freshDocId('stopped')
    const late = await openLive(server, docId, { kind: 'segment', mode: 'long-poll' })
    await expectRefused(late)
  } finally {
    await server.close()
  }
})

test('an event stream says that nothing on its way may buffer or compress it', async () => {
  const server = await serveApp({ backend: backend.current })
  try {
    const docId = freshDocId('stream')
    const stream = await openLive(server, docId, { kind: 'segment', mode: 'sse' })
    const { headers } = await stream.response
    expect(headers.get('cache-control')).toContain('no-transform')
    expect(headers.get('x-accel-buffering')).toBe('no')
    stream.abort()
  } finally {
    await server.close()
  }
})

async function expectRefused({ ended }: LiveRequest): Promise<void> {
  const { status, text } = await ended
  expect([status, JSON.parse(text).error.code]).toEqual([503, 'server_busy'])
}
