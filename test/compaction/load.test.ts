// Clients write, others join and leave, a client compacts every second, and the server and the database are
// restarted meanwhile: five clients for 2.5 s, or ten for a minute with Y_ELECTRIC_DEEP=1.
import { setTimeout as pause } from 'node:timers/promises'
import { connectPostgres, createShapeService } from '@y-electric/embedded'
import { migrate } from '@y-electric/server'
import pg from 'pg'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, readStored, serveApp } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { expectConverged } from '../harness/oracle.ts'
import { createDatabase, freePort, startPostgres } from '../harness/postgres.ts'
import { pickBelow, seededRandom } from '../harness/random.ts'

const SEED = Number(process.env.Y_ELECTRIC_SEED ?? 1)
const WRITING_MS = isDeep ? 60_000 : 1_500
const WRITERS = isDeep ? 10 : 5
const JOINERS = isDeep ? 5 : 3
/** The clients do not know each other, so each draws one of sixteen slots. */
const EVERY_SECOND = { everyMs: 1_000, minRows: 20, minShare: 0, slotMs: 30, graceMs: 200 }

/** A server that can be restarted on its port; its state is in the database. */
async function openServer(databaseUrl: string, port: number) {
  const database = await eventually(
    () => connectPostgres({ connectionString: databaseUrl }),
    20_000,
  )
  const service = await createShapeService({ database })
  const shapes = {
    url: 'http://shapes.load',
    fetch: (request: Request) => service.fetch(request),
  }
  const server = await serveApp({ backend: { pool: database.pool, shapes }, port })
  return {
    pool: database.pool,
    url: server.url,
    async close() {
      await server.close()
      await service.close()
      await database.close()
    },
  }
}

/** Crashes one process of Postgres. Postgres then ends all the others and recovers. */
async function crashDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const pid = rows[0]?.pid
  if (process.env.TEST_DATABASE_URL || pid === undefined) {
    // Of an external Postgres, the test only closes its own connections.
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
  } else process.kill(pid, 'SIGKILL')
  await client.end().catch(() => {})
}

/** The acked clock of each client. A client that joins later must have all edits below it. */
type Promised = Map<number, number>

function follow({ provider, doc }: TestClient, promised: Promised): void {
  provider.on('saved', (saved) => {
    if (saved) promised.set(doc.clientID, Y.getState(doc.store, doc.clientID))
  })
}

async function write(client: TestClient, seed: number, signal: AbortSignal): Promise<number> {
  const random = seededRandom(seed)
  let edits = 0
  while (!signal.aborted) {
    const { text } = client
    if (text.length > 50 && random() < 0.2) text.delete(pickBelow(random, text.length - 5), 3)
    else text.insert(pickBelow(random, text.length + 1), `${pickBelow(random, 1_000)} `)
    edits++
    await pause(10 + pickBelow(random, 50))
  }
  return edits
}

/** Repeatedly joins, checks that the document is complete, stays for a moment, and leaves. */
async function joinAndLeaveRepeatedly(
  open: () => TestClient,
  promised: Promised,
  seed: number,
  signal: AbortSignal,
): Promise<number> {
  const random = seededRandom(seed)
  let joins = 0
  while (!signal.aborted) {
    const before = new Map(promised)
    const client = open()
    await client.provider.whenSynced()
    for (const [writer, clock] of before) {
      const has = Y.getState(client.doc.store, writer)
      expect(
        has,
        `a joiner's edits of ${writer}, of which ${clock} were acked`,
      ).toBeGreaterThanOrEqual(clock)
    }
    joins++
    await pause(pickBelow(random, 400))
    await client.close()
  }
  return joins
}

test('no client loses or misses an edit under load', {
  timeout: WRITING_MS + 300_000,
}, async () => {
  console.log(`seed ${SEED}; again: Y_ELECTRIC_SEED=${SEED}`)
  const cluster = await startPostgres()
  const created = await createDatabase(cluster.url)
  const port = await freePort()
  const docId = freshDocId('load')
  let server = await openServer(created.url, port)
  await migrate(server.pool)

  const promised: Promised = new Map()
  const reports: number[] = []
  const open = (compaction: typeof EVERY_SECOND | false = EVERY_SECOND): TestClient => {
    const client = openClient({ url: server.url, docId, compaction })
    client.provider.on('compaction', ({ rows }) => reports.push(rows))
    return client
  }
  const writers = Array.from({ length: WRITERS }, () => open())
  const followers = (['sse', 'long-poll'] as const).map((live) =>
    openClient({ url: server.url, docId, live, compaction: false }),
  )
  for (const writer of writers) follow(writer, promised)
  const stop = new AbortController()
  try {
    const writing = writers.map((writer, i) => write(writer, SEED + i, stop.signal))
    const joining = Array.from({ length: JOINERS }, (_, i) =>
      joinAndLeaveRepeatedly(() => open(false), promised, SEED + 100 + i, stop.signal),
    )
    // `Promise.all` handles a rejection at once, so it never counts as unhandled.
    const joined = Promise.all(joining)
    joined.catch(() => {})

    await pause(WRITING_MS * 0.35)
    await server.close()
    server = await openServer(created.url, port)
    await pause(WRITING_MS * 0.3)
    await crashDatabase(created.url)
    await server.close()
    server = await openServer(created.url, port)
    await pause(WRITING_MS * 0.35)
    // A busy machine may need longer for the first fold. All clients continue to write until then.
    await eventually(() => reports.length > 0, 60_000)

    stop.abort()
    const edits = (await Promise.all(writing)).reduce((sum, count) => sum + count, 0)
    const joins = (await joined).reduce((sum, count) => sum + count, 0)
    const all = [...writers, ...followers]
    await Promise.all(all.map(({ provider }) => provider.whenSaved()))
    const standing = () =>
      all.map(
        ({ provider }, i) =>
          `doc ${i}: ${provider.status} ${provider.synced} ${provider.error?.message ?? ''}`,
      )
    const docs = all.map(({ doc }) => doc)
    // The strict check of so many long documents takes a second: it begins when all have the same edits.
    const vectorOf = (doc: Y.Doc) => Buffer.from(Y.encodeStateVector(doc)).toString('hex')
    await eventually(() => new Set(docs.map(vectorOf)).size === 1, 30_000).catch(() => {})
    await eventually(async () => {
      const stored = await readStored(server.pool, docId)
      expectConverged(docs, stored, { seed: SEED })
    }, 30_000).catch((cause: unknown) => {
      throw new Error(standing().join('\n'), { cause })
    })
    console.log(
      `${edits} edits, ${joins} joins, ${reports.length} folds of ${reports.reduce((sum, rows) => sum + rows, 0)} rows`,
    )
    expect(reports.length).toBeGreaterThan(0)
    expect(joins).toBeGreaterThan(JOINERS)
    const refusals = all.flatMap(({ errors }) => errors).filter(({ code }) => code === 'bad_row')
    expect(refusals).toEqual([])
  } finally {
    stop.abort()
    await Promise.all([...writers, ...followers].map((client) => client.close()))
    await server.close().catch(() => {})
    await cluster.stop()
  }
})
