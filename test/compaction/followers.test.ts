// Compaction has no effect that the users of a document can notice.
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { CompactionReport } from 'y-electric'
import * as Y from 'yjs'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, readStored, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { expectConverged } from '../harness/oracle.ts'
import { type Api, createApi, honestProposal } from './api.ts'

/** Compacts as often as possible: an interval is a tenth of a second. */
const EAGER = { everyMs: 100, minRows: 5, minShare: 0, slotMs: 5, graceMs: 10 }

interface Witness extends TestClient {
  /** The requests of the client in order, for example `POST segments`. */
  readonly requests: readonly string[]
  readonly reports: readonly CompactionReport[]
  /** The changes of `synced` since the client was opened. */
  readonly synced: readonly boolean[]
  readonly updates: { count: number }
  /** Holds requests of a kind until they are released. */
  hold(request: RegExp): { readonly arrived: () => boolean; release(): void }
}

const backend = useBackend()
const clients: TestClient[] = []
let server: TestServer
let api: Api

beforeAll(async () => {
  server = await serveApp({ backend: backend.current, minRollRows: 1 })
  api = createApi(backend.current)
  return () => server.close()
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

function open(docId: string, options: Partial<ClientOptions> = {}): Witness {
  const requests: string[] = []
  let held: { request: RegExp; released: Promise<void>; arrived: boolean } | null = null
  const witnessed: typeof fetch = async (input, init) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname
    const request = `${init?.method ?? 'GET'} ${path.split('/').slice(4).join('/')}`
    requests.push(request)
    if (held?.request.test(request)) {
      held.arrived = true
      await held.released
    }
    return fetch(input, init)
  }
  const client = openClient({
    url: server.url,
    docId,
    fetch: witnessed,
    compaction: false,
    ...options,
  })
  const [reports, synced]: [CompactionReport[], boolean[]] = [[], []]
  const updates = { count: 0 }
  client.provider.on('compaction', (report) => reports.push(report))
  client.provider.on('synced', (isSynced) => synced.push(isSynced))
  client.doc.on('update', () => {
    updates.count++
  })
  clients.push(client)
  const hold: Witness['hold'] = (request) => {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const now = { request, released, arrived: false }
    held = now
    return {
      arrived: () => now.arrived,
      release() {
        held = null
        release()
      },
    }
  }
  return { ...client, requests, reports, synced, updates, hold }
}

/** Rolls and folds like a compactor. Between the two, followers continue in the next segment. */
async function compact(docId: string, movedOn: (segment: number) => Promise<unknown>) {
  const { activeSegment } = await api.state(docId)
  expect((await api.roll(docId, activeSegment)).status).toBe(201)
  await movedOn(activeSegment + 1)
  const proposal = await honestProposal(api, docId, activeSegment)
  expect((await api.fold(docId, activeSegment, proposal)).status).toBe(201)
}

async function converged(docId: string, ...all: TestClient[]): Promise<void> {
  await Promise.all(all.map(({ provider }) => provider.whenSaved()))
  const stored = await readStored(server.pool, docId)
  const docs = all.map(({ doc }) => doc)
  await eventually(() => expectConverged(docs, stored))
}

const isLive = ({ provider }: TestClient) => provider.status === 'connected'

describe.each(['sse', 'long-poll'] as const)('a follower by %s', (live) => {
  test('reads past rolls and folds without a gap, a change of `synced`, a re-send or a repeat', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open(docId, { live }), open(docId, { live })]
    ada.type('x')
    await eventually(() => isLive(ada) && isLive(bob) && bob.text.length === 1)
    const before = { statuses: bob.statuses.length, synced: bob.synced.length }
    bob.updates.count = 0
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 3; i++) {
        ada.type(`${round}`)
        await ada.provider.whenSaved()
      }
      await compact(docId, (segment) =>
        eventually(() =>
          [ada, bob].every(({ requests }) => requests.includes(`GET segments/${segment}`)),
        ),
      )
    }
    await eventually(() => bob.text.length === ada.text.length)
    await converged(docId, ada, bob)
    // Rows that arrive together may be reported together, but no row is reported twice.
    expect(bob.updates.count).toBeLessThanOrEqual(18)
    expect(bob.requests.filter((request) => request === 'GET state')).toHaveLength(1)
    expect(bob.statuses).toHaveLength(before.statuses)
    expect(bob.synced).toHaveLength(before.synced)
    expect(bob.requests.filter((request) => request === 'POST updates')).toEqual([])
    expect(ada.requests.filter((request) => request === 'POST updates')).toHaveLength(19)
    expect([ada.errors, bob.errors]).toEqual([[], []])
  })

  test('joins again after it was suspended during several folds', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open(docId, { live }), open(docId, { live })]
    ada.type('x')
    await eventually(() => isLive(bob) && bob.text.length === 1)
    // The next request of Bob gets no answer, as on a laptop that is closed.
    const asleep = bob.hold(/^GET segments/)
    for (let round = 0; round < 3; round++) {
      ada.type('y')
      await ada.provider.whenSaved()
      await compact(docId, async () => {})
    }
    await eventually(asleep.arrived)
    asleep.release()
    await eventually(() => bob.text.toString() === 'xyyy')
    expect(bob.requests.filter((request) => request === 'GET state')).toHaveLength(2)
    expect(bob.errors).toEqual([])
    await converged(docId, ada, bob)
  })
})

test.each(['sse', 'long-poll'] as const)(
  'a follower asks again if its answer is cut off, as it is when a server restarts (%s)',
  async (live) => {
    let broken = 0
    const breaking: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      const { pathname } = new URL(input instanceof Request ? input.url : input)
      if (!pathname.endsWith('/segments/0') || broken >= 2) return response
      broken++
      await response.body?.cancel()
      const body = new ReadableStream({
        pull: (controller) => controller.error(new TypeError('terminated')),
      })
      return new Response(body, { status: response.status, headers: response.headers })
    }
    const docId = freshDocId()
    const ada = open(docId)
    ada.type('x')
    await ada.provider.whenSaved()
    const bob = open(docId, { live, fetch: breaking })
    await eventually(() => isLive(bob))
    expect(broken).toBe(2)
    ada.type('y')
    await eventually(() => bob.text.toString() === 'xy')
    expect(bob.statuses).not.toContain('refused')
  },
)

describe('the compactor of a provider', () => {
  test('compacts and reports the result', async () => {
    const docId = freshDocId()
    const ada = open(docId, { compaction: EAGER })
    for (let i = 0; i < 8; i++) {
      ada.type(`word ${i} `)
      await ada.provider.whenSaved()
    }
    const report = await eventually(() => {
      expect(ada.reports.length).toBeGreaterThan(0)
      return ada.reports[0]
    })
    const { snapshot } = await api.state(docId)
    expect(report?.rows).toBeGreaterThanOrEqual(5)
    expect(report?.bytesBefore).toBeGreaterThan(report?.bytesAfter ?? 0)
    expect(report?.ms).toBeGreaterThanOrEqual(0)
    expect(report?.throughSegment).toBeLessThanOrEqual(snapshot?.throughSegment ?? -1)
    await converged(docId, ada)
    expect(ada.errors).toEqual([])
    expect(ada.provider.status).toBe('connected')
  })

  test('competes with other compactors without an effect that users notice', async () => {
    const docId = freshDocId()
    const all = [0, 1, 2, 3].map(() => open(docId, { compaction: { ...EAGER, slotMs: 1 } }))
    for (let i = 0; i < 40; i++) {
      all[i % 4]?.type(`${i} `)
      await all[i % 4]?.provider.whenSaved()
    }
    await eventually(() => all.some(({ reports }) => reports.length > 0))
    await converged(docId, ...all)
    expect(all.flatMap(({ errors }) => errors)).toEqual([])
  })

  test('does not run with `compaction: false`', async () => {
    const docId = freshDocId()
    const ada = open(docId)
    for (let i = 0; i < 10; i++) {
      ada.type('x')
      await ada.provider.whenSaved()
    }
    await pause(3 * EAGER.everyMs)
    expect(ada.requests.filter((request) => /POST (segments|folds)/.test(request))).toEqual([])
  })

  test.each([true, false])('keeps history as the document does (gc: %s)', async (gc) => {
    const docId = freshDocId()
    const ada = open(docId, { compaction: EAGER, doc: new Y.Doc({ gc }) })
    await ada.provider.whenSynced()
    ada.type('a secret')
    await ada.provider.whenSaved()
    ada.text.delete(0, 8)
    for (let i = 0; i < 6; i++) {
      ada.type('.')
      await ada.provider.whenSaved()
    }
    await eventually(() => ada.reports.length > 0)
    const { snapshot } = await api.state(docId)
    expect(Buffer.from(snapshot?.data ?? []).includes('a secret')).toBe(!gc)
    await converged(docId, ada)
  })

  test('does not run for election again if it may only read', async () => {
    const docId = freshDocId()
    const readOnly = await serveApp({
      backend: backend.current,
      minRollRows: 1,
      authorize: ({ action }) => (action === 'read' ? 'allow' : 'forbidden'),
    })
    try {
      const writer = open(docId)
      for (let i = 0; i < 10; i++) {
        writer.type('x')
        await writer.provider.whenSaved()
      }
      const reader = open(docId, { url: readOnly.url, compaction: EAGER })
      await eventually(() => reader.requests.includes('POST segments'))
      await pause(5 * EAGER.everyMs)
      expect(reader.requests.filter((request) => request === 'POST segments')).toHaveLength(1)
      expect(reader.errors).toEqual([])
      expect(reader.provider.status).toBe('connected')
    } finally {
      await readOnly.close()
    }
  })
})
