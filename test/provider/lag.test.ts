// A shape service that lags behind the database says "up to date" without rows that are committed (SYNC-1).
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memory, type Persistence } from 'y-electric'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'

/**
 * A shape service that lags: it says that there is nothing after the offset of a request. Live requests wait
 * for the end of the lag.
 */
function createLag(send: (request: Request) => Promise<Response>) {
  /** The headers of the last answer of each segment. */
  const known = new Map<string | null, Headers>()
  let ended: Promise<void> | null = null
  let end = () => {}
  let repeats = 0
  return {
    /** How many answers lacked committed rows. */
    get repeats() {
      return repeats
    },
    begin() {
      ended = new Promise((resolve) => {
        end = resolve
      })
    },
    end() {
      ended = null
      end()
    },
    async fetch(request: Request): Promise<Response> {
      const { searchParams } = new URL(request.url)
      const isUpdates = searchParams.get('table') === 'ydoc_update'
      const isLive = searchParams.get('live') === 'true'
      const segment = searchParams.get('params[2]')
      const kept = known.get(segment)
      if (ended !== null && isUpdates) {
        if (!isLive && kept !== undefined) {
          repeats += 1
          const headers = new Headers(kept)
          headers.set('electric-offset', searchParams.get('offset') ?? '')
          return new Response('[{"headers":{"control":"up-to-date"}}]', { headers })
        }
        await ended
      }
      const response = await send(request)
      if (isUpdates && !isLive && response.ok) {
        const headers = new Headers(response.headers)
        for (const name of ['etag', 'content-length', 'content-encoding']) headers.delete(name)
        known.set(segment, headers)
      }
      return response
    },
  }
}

describe.each(['sse', 'long-poll'] as const)('with live: %s', (live) => {
  const backend = useBackend()
  let server: TestServer
  let direct: TestServer
  let lag: ReturnType<typeof createLag>
  let clients: TestClient[] = []

  beforeEach(async () => {
    const { shapes } = backend.current
    lag = createLag((request) => (shapes.fetch ?? fetch)(request))
    const lagging = { ...shapes, fetch: (request: Request) => lag.fetch(request) }
    server = await serveApp({ backend: { pool: backend.current.pool, shapes: lagging } })
    direct = await serveApp({ backend: backend.current })
  })
  afterEach(async () => {
    lag.end()
    await Promise.all(clients.map((client) => client.close()))
    clients = []
    await Promise.all([server.close(), direct.close()])
  })
  const open = (options: Partial<ClientOptions>): TestClient => {
    const client = openClient({ url: server.url, docId: '', live, compaction: false, ...options })
    clients.push(client)
    return client
  }

  /** Expects that a page is not synced although the lagging service has told it that the log is complete. */
  const expectUnsynced = async ({ provider, text }: TestClient, old: string): Promise<void> => {
    await eventually(() => lag.repeats > 0)
    await eventually(() => text.toString() === old)
    // Long enough for the answer to be read.
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(provider.synced).toBe(false)
  }

  test.each(['old ', ''])(
    'a page that resumes the document %j is not synced until the committed rows have arrived',
    async (old) => {
      const docId = freshDocId()
      const persistence: Persistence = memory()
      const first = open({ docId, persistence })
      if (old !== '') first.type(old)
      await first.provider.whenSaved()
      await eventually(() => first.provider.status === 'connected')
      // The resume point is after what it typed.
      await eventually(() => first.provider.stored)
      await first.close()
      // The catch-up of a page that resumes is known to the service.
      const again = open({ docId, persistence })
      await eventually(() => again.provider.status === 'connected' && again.provider.stored)
      await again.close()

      lag.begin()
      const elsewhere = open({ docId, url: direct.url })
      await elsewhere.provider.whenSynced()
      elsewhere.type('new')
      await elsewhere.provider.whenSaved()

      const resumed = open({ docId, persistence })
      const seen: string[] = []
      resumed.provider.on('synced', (isSynced) => {
        if (isSynced) seen.push(resumed.text.toString())
      })
      await expectUnsynced(resumed, old)
      lag.end()
      await resumed.provider.whenSynced()
      await eventually(() => resumed.provider.status === 'connected')
      expect([...seen, resumed.text.toString()]).toEqual([`${old}new`, `${old}new`])
    },
  )

  test.each(['old ', ''])(
    'a page that resumes the document %j where an earlier page joined is not synced until the committed rows have arrived',
    async (old) => {
      const docId = freshDocId()
      const elsewhere = open({ docId, url: direct.url })
      elsewhere.type(old)
      await elsewhere.provider.whenSaved()
      const device = untilFirstPoint(memory())
      const first = open({ docId, persistence: device.persistence })
      await eventually(() => first.provider.status === 'connected' && device.isFull())
      await first.close()

      lag.begin()
      elsewhere.type('new')
      await elsewhere.provider.whenSaved()
      const resumed = open({ docId, persistence: device.persistence })
      await expectUnsynced(resumed, old)
      lag.end()
      await resumed.provider.whenSynced()
      expect(resumed.text.toString()).toBe(`${old}new`)
    },
  )
})

/** A device store that fails once it has a resume point. */
function untilFirstPoint(inner: Persistence) {
  let isFull = false
  const persistence: Persistence = {
    async open(key, onLost) {
      const store = await inner.open(key, onLost)
      return {
        load: () => store.load(),
        takeOver: () => store.takeOver(),
        close: () => store.close(),
        async commit(change) {
          if (isFull) throw new Error('the disk is full')
          await store.commit(change)
          isFull = change.resume != null
        },
      }
    },
  }
  return { persistence, isFull: () => isFull }
}
