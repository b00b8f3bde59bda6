// A whole server for tests: the real app over HTTP on its own port, on each kind of backend.
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { documentRoutes } from '@y-electric/documents'
import { createShapeService } from '@y-electric/embedded'
import { type AppOptions, allowAll, createApp, migrate, type ShapeSource } from '@y-electric/server'
import { Hono } from 'hono'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { noteBackend } from '../harness/backends.ts'
import { type Backend, backends, documentBackends, openTestStore } from '../harness/database.ts'
import type { StoredRows } from '../harness/oracle.ts'
import { forgetOwnDocuments, markShared } from './ownDocuments.ts'

export { freshDocId } from './ownDocuments.ts'

export type BackendName = Backend | 'electric'

const electric = {
  url: process.env.ELECTRIC_URL ?? '',
  databaseUrl: process.env.DATABASE_URL ?? '',
}

/**
 * Up to eight files run at once (vitest.config.ts), and Electric itself takes about 20 connections: together
 * they stay below the 100 that a Postgres allows by default.
 */
const ELECTRIC_POOL_SIZE = 8

/**
 * The backends of every end-to-end test; a real Electric is among them if the environment names
 * one.
 */
export const BACKENDS: readonly BackendName[] =
  electric.url !== '' && electric.databaseUrl !== '' ? [...backends, 'electric'] : backends

/** For a suite that runs once: a real Electric if the environment names one, otherwise the given backend. */
export const electricOr = (name: BackendName): BackendName =>
  BACKENDS.find((each) => each === 'electric') ?? name

/** The backends of suites about documents and their routes: see `documentBackends`. */
export const DOCUMENT_BACKENDS: readonly BackendName[] = BACKENDS.filter(
  (name) => name === 'electric' || documentBackends.includes(name),
)

/** A database with the schema, and the source of its shapes. */
export interface TestBackend {
  readonly name: BackendName
  readonly pool: pg.Pool
  readonly shapes: ShapeSource
  /** Listens to a channel of the database; absent behind a real Electric. */
  readonly listen?: NonNullable<AppOptions['listen']>
  /** Makes the shape service drop a segment's shape: its followers receive `must-refetch`. */
  dropShape(docId: string, segment: number): Promise<void>
  close(): Promise<void>
}

export async function openBackend(name: BackendName): Promise<TestBackend> {
  if (name === 'electric') return openElectric()
  const database = await openTestStore(name)
  await migrate(database.pool)
  const service = await createShapeService({ database, allowShapeDeletion: true })
  const shapes = {
    url: 'http://shapes.test',
    fetch: (request: Request) => service.fetch(request),
  }
  return {
    name,
    pool: database.pool,
    shapes,
    listen: (...given) => database.listen(...given),
    dropShape: (docId, segment) => dropShape(shapes, docId, segment),
    async close() {
      await service.close()
      await database.close()
    },
  }
}

async function openElectric(): Promise<TestBackend> {
  const pool = new pg.Pool({ connectionString: electric.databaseUrl, max: ELECTRIC_POOL_SIZE })
  pool.on('error', () => {})
  markShared(pool)
  await migrate(pool)
  await noteBackend('Postgres behind Electric', pool)
  const { ELECTRIC_SECRET: secret, ELECTRIC_SOURCE_ID: sourceId } = process.env
  const shapes: ShapeSource = {
    url: electric.url,
    ...(secret ? { secret } : {}),
    ...(sourceId ? { sourceId } : {}),
  }
  return {
    name: 'electric',
    pool,
    shapes,
    dropShape: (docId, segment) => dropShape(shapes, docId, segment),
    async close() {
      await pool.end()
      forgetOwnDocuments()
    },
  }
}

/** Electric allows this only if its operator does; otherwise this throws. */
async function dropShape(source: ShapeSource, docId: string, segment: number): Promise<void> {
  const url = new URL(`${source.url}/v1/shape`)
  url.search = new URLSearchParams({
    table: 'ydoc_update',
    columns: 'seq,data',
    where: 'doc_id = $1 AND segment = $2',
    'params[1]': docId,
    'params[2]': String(segment),
    ...(source.secret === undefined ? {} : { secret: source.secret }),
  }).toString()
  const response = await (source.fetch ?? fetch)(new Request(url, { method: 'DELETE' }))
  await response.body?.cancel()
  if (response.status !== 202) throw new Error(`the shape was not dropped: ${response.status}`)
}

/**
 * One backend for all tests of a file or `describe`. Suites that are not about the database use the
 * native Postgres of the run: creating a database in it takes milliseconds, a PGlite seconds.
 */
export function useBackend(name: BackendName = 'postgres'): { readonly current: TestBackend } {
  let opened: TestBackend | undefined
  beforeAll(async () => {
    opened = await openBackend(name)
  })
  afterAll(async () => {
    await opened?.close()
    opened = undefined
  })
  return {
    get current() {
      if (opened === undefined) throw new Error('the backend is only open while tests run')
      return opened
    },
  }
}

export interface TestServer {
  /** The URL at which the API is mounted. */
  readonly url: string
  readonly port: number
  readonly pool: pg.Pool
  /** The same app without HTTP, for tests that are not about HTTP: it costs a third as much. */
  readonly handle: (request: Request) => Promise<Response>
  /** The failures that the server logged. */
  readonly errors: readonly unknown[]
  close(): Promise<void>
}

export type ServeOptions = Partial<Omit<AppOptions, 'pool'>> & {
  readonly backend: Pick<TestBackend, 'pool' | 'shapes'>
  readonly port?: number
  /**
   * Logs failures on `console.error`, which is the default of the app, instead of collecting them in
   * `errors`.
   */
  readonly logsToConsole?: boolean
}

/** Serves the app over HTTP; the caller owns the backend. */
export async function serveApp({
  backend,
  port = 0,
  logsToConsole = false,
  ...options
}: ServeOptions): Promise<TestServer> {
  const errors: unknown[] = []
  const app = createApp({
    extensions: [documentRoutes],
    pool: backend.pool,
    shapes: backend.shapes,
    authorize: allowAll,
    ...(!logsToConsole && { onError: (error: unknown) => errors.push(error) }),
    ...options,
  })
  const mounted = new Hono().route('/api', app)
  const server = createAdaptorServer({ fetch: mounted.fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}/api`,
    port: address.port,
    pool: backend.pool,
    handle: async (request) => mounted.fetch(request),
    errors,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

/** A server with its own backend. */
export async function startServer({
  backend: name,
  ...options
}: Omit<ServeOptions, 'backend'> & { backend: BackendName }): Promise<TestServer> {
  const backend = await openBackend(name)
  const server = await serveApp({ ...options, backend })
  return {
    ...server,
    close: async () => {
      await server.close()
      await backend.close()
    },
  }
}

export interface StoredUpdate {
  readonly seq: number
  readonly segment: number
  /** The batch id; null for a seal. */
  readonly batchId: string | null
  readonly data: Uint8Array
}

/** Every update row of a document, seals included, in the order of seq. */
export async function readUpdateRows(pool: pg.Pool, docId: string): Promise<StoredUpdate[]> {
  const { rows } = await pool.query<{
    seq: string
    segment: number
    batch_id: string | null
    data: Buffer
  }>('SELECT seq, segment, batch_id, data FROM ydoc_update WHERE doc_id = $1 ORDER BY seq', [docId])
  return rows.map(({ seq, segment, batch_id, data }) => ({
    seq: Number(seq),
    segment,
    batchId: batch_id,
    data: new Uint8Array(data),
  }))
}

/** The stored rows of a document, for the oracle: read by SQL, not through the server. */
export async function readStored(pool: pg.Pool, docId: string): Promise<StoredRows> {
  const updates = await readUpdateRows(pool, docId)
  const { rows } = await pool.query<{ data: Buffer }>(
    `SELECT data FROM ydoc_snapshot WHERE doc_id = $1 AND through_segment IS NOT NULL
     ORDER BY through_segment DESC LIMIT 1`,
    [docId],
  )
  const snapshot = rows[0]?.data
  return {
    updates: updates.map(({ data }) => data),
    ...(snapshot === undefined ? {} : { snapshot: new Uint8Array(snapshot) }),
  }
}

/** Seals the active segment and opens the next one. @returns the number of the new segment */
export async function roll(pool: pg.Pool, docId: string): Promise<number> {
  const { rows } = await pool.query<{ next: number | null }>(
    'SELECT ydoc_roll(doc_id, segment) AS next FROM ydoc_document WHERE doc_id = $1',
    [docId],
  )
  const next = rows[0]?.next
  if (next === null || next === undefined) throw new Error(`${docId} was not rolled`)
  return next
}
