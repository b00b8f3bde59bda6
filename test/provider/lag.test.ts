// A shape service that lags behind the database says "up to date" without rows that are committed (SYNC-1).
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memory, type Persistence } from 'y-electric'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'

/** Answers of the shape service that are repeated while it lags, and requests that wait for its end. */
function createLag(send: (request: Request) => Promise<Response>) {
  const known = new Map<string, { body: string; status: number; headers: Headers }>()
  let ended: Promise<void> | null = null
  let end = () => {}
  let repeats = 0
  const keyOf = (url: string) => {
    const { searchParams } = new URL(url)
    return [searchParams.get('params[2]'), searchParams.get('offset')].join()
  }
  return {
    /** How many old answers were given. */
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
      const isUpdates = request.url.includes('table=ydoc_update')
      const isLive = request.url.includes('live=true')
      const key = keyOf(request.url)
      const kept = known.get(key)
      if (ended !== null && isUpdates) {
        // A live request would return new rows, which the service does not know yet.
        if (!isLive && kept !== undefined) {
          repeats += 1
          return new Response(kept.body, kept)
        }
        await ended
      }
      const response = await send(request)
      if (!isUpdates || isLive || !response.ok) return response
      const body = await response.text()
      known.set(key, { body, status: response.status, headers: response.headers })
      return new Response(body, response)
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

  test('a page that resumes is not synced until the committed rows have arrived', async () => {
    const docId = freshDocId()
    const persistence: Persistence = memory()
    const first = open({ docId, persistence })
    first.type('old ')
    await first.provider.whenSaved()
    await eventually(() => first.provider.status === 'connected')
    // The resume point is after that row.
    await eventually(() => first.provider.stored)
    await first.close()
    // The catch-up of a page that resumes there is known to the service.
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
    await eventually(() => lag.repeats > 0)
    await eventually(() => resumed.text.toString() === 'old ')
    // Long enough for the answer to be read.
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(resumed.provider.synced).toBe(false)
    lag.end()
    await resumed.provider.whenSynced()
    await eventually(() => resumed.provider.status === 'connected')
    expect([...seen, resumed.text.toString()]).toEqual(['old new', 'old new'])
  })
})
