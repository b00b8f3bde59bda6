// `POST /revoke` on one server of a database reaches the streams of all its servers, by notifications of
// Postgres.
import { describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, useBackend } from '../e2e/server.ts'
import { postUpdate } from './api.ts'
import { openLive } from './live.ts'
import { revoke, SECRET } from './revoking.ts'

/** Longer than any test, so that the interval does not end a stream. */
const NEVER = 3_600_000

describe('several servers of one Postgres', () => {
  const backend = useBackend('postgres')

  test('POST /revoke on one server ends the streams of all servers', async () => {
    let isAllowed = true
    const { listen } = backend.current
    if (listen === undefined) throw new Error('Postgres listens')
    let listening = 0
    const options = {
      backend: backend.current,
      authorize: () => (isAllowed ? { user: 'ada' } : ('forbidden' as const)),
      revoke: SECRET,
      reauthorizeMs: NEVER,
      listen: async (...given: Parameters<typeof listen>) => {
        const end = await listen(...given)
        listening++
        return end
      },
    }
    const [one, two] = [await serveApp(options), await serveApp(options)]
    const docId = freshDocId()
    await postUpdate(one, docId)
    const streams = [
      await openLive(one, docId, { kind: 'segment', mode: 'sse' }),
      await openLive(two, docId, { kind: 'awareness', mode: 'sse' }),
    ]
    await eventually(() => listening === 2)
    isAllowed = false
    expect(await (await revoke(one, { user: 'ada' })).json()).toEqual({ ended: 1 })
    for (const { ended } of streams) expect((await ended).status).toBe(200)
    for (const server of [one, two]) await server.close()
  })

  test('a server listens only while a stream is open, and replaces a lost connection', async () => {
    const { listen } = backend.current
    if (listen === undefined) throw new Error('Postgres listens')
    let listening = 0
    let lose = (_error: Error): void => {}
    const server = await serveApp({
      backend: backend.current,
      reauthorizeMs: NEVER,
      listen: async (channel, onPayload, onLost) => {
        const end = await listen(channel, onPayload, () => {})
        listening++
        lose = (error) => {
          listening--
          void end()
          onLost(error)
        }
        return async () => {
          listening--
          await end()
        }
      },
    })
    const docId = freshDocId()
    await postUpdate(server, docId)
    expect(listening).toBe(0)
    const stream = await openLive(server, docId, { kind: 'segment', mode: 'sse' })
    await eventually(() => listening === 1)
    lose(new Error('reset'))
    expect(listening).toBe(0)
    await eventually(() => listening === 1)
    stream.abort()
    await eventually(() => listening === 0)
    await server.close()
  })
})
