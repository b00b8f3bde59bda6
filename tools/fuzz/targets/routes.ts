import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createAdaptorServer } from '@hono/node-server'
import { documentRoutes } from '@y-electric/documents'
import { createShapeService } from '@y-electric/embedded'
import { allowAll, createApp, migrate } from '@y-electric/server'
import { Hono } from 'hono'
import type pg from 'pg'
import { openTestDatabase } from '../../../test/harness/database.ts'
import { startPostgres } from '../../../test/harness/postgres.ts'
import { watchPool } from '../../../test/harness/watchedPool.ts'
import { openBeside } from '../beside/beside.ts'
import type { Choices } from '../engine/choices.ts'
import { ACCEPTED, Finding, type Json, type Target, type TargetOptions } from '../engine/target.ts'
import { anyRequests, type FuzzRequest } from '../generators/requests.ts'
import { THOROUGH_ONE_IN } from './sampling.ts'
import { type Answer, askInProcess, askOverSocket } from './sending.ts'

/** The number of inputs after which the documents are replaced, since most of them are deleted by then. */
const INPUTS_PER_EPOCH = 100

/** Codes that report an outage of the server, which a request must not cause. */
const OUTAGES = new Set(['database_unavailable', 'shape_service_unavailable'])

/** Sends requests to the whole app on a Postgres while an honest client works. */
export async function routes({ databaseUrl }: TargetOptions): Promise<Target> {
  const cluster = databaseUrl === undefined ? await startPostgres() : null
  const database = await openTestDatabase('postgres', databaseUrl ?? cluster?.url)
  await migrate(database.pool)
  const service = await createShapeService({ database })
  const failures: unknown[] = []
  let hasWritten = false
  const watched = watchPool(
    database.pool,
    (text) => {
      hasWritten ||= !onlyReads(text)
    },
    { clients: true },
  )
  const app = createApp({
    extensions: [documentRoutes],
    pool: watched,
    shapes: { url: 'http://shapes.in-process', fetch: (request) => service.fetch(request) },
    authorize: allowAll,
    onError: (error) => failures.push(error),
    // A document reaches this size with one or two requests.
    minRollRows: 2,
  })
  const { fetch } = new Hono().route('/api', app)
  const server = createAdaptorServer({ fetch })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const backends = cluster === null ? [] : await backendsOf(database.pool)
  const beside = await openBeside(`http://127.0.0.1:${port}/api`, { backends })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const counts: Record<string, number> = {}
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  const takeWritten = () => {
    const taken = hasWritten
    hasWritten = false
    return taken
  }
  const world: World = { pool: database.pool, failures, rows: null, refused: 0, count, takeWritten }
  let inputs = 0

  return {
    name: 'routes',
    thoroughOneIn: THOROUGH_ONE_IN.routes,
    generate: (choices: Choices) => anyRequests(choices) as unknown as Json,
    async run(input, isThorough) {
      if (inputs++ % INPUTS_PER_EPOCH === 0) await removeDocuments(world)
      const epoch = Math.floor(inputs / INPUTS_PER_EPOCH)
      if (isThorough) count('inputs over a socket')
      let isAccepted = false
      for (const asked of input as unknown as readonly FuzzRequest[]) {
        count('requests')
        const request = { ...asked, path: asked.path.replace(OWN_DOCUMENTS, `$1-${epoch}`) }
        const status = await askAndCheck(request, world, () =>
          isThorough ? askOverSocket(port, request) : askInProcess(fetch, request),
        )
        isAccepted ||= status >= 200 && status < 400
      }
      if (isAccepted) count(ACCEPTED)
      const problem = beside.takeProblem()
      if (problem !== null) throw new Finding('an honest request fails', problem)
      return 'answered'
    },
    figures: () => ({
      ...counts,
      ...beside.figures(),
      'event loop delay ms, worst': `${Math.round(delay.max / 1e6)}`,
      'event loop delay ms, p99': `${Math.round(delay.percentile(99) / 1e6)}`,
    }),
    async close() {
      await beside.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      server.close()
      await service.close()
      await database.close()
      await cluster?.stop()
    },
  }
}

/** The processes that answer the connections of a pool. */
async function backendsOf(pool: pg.Pool): Promise<number[]> {
  const clients = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
  for (const client of clients) client.release()
  const { rows } = await pool.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE datname = current_database()',
  )
  return rows.map(({ pid }) => pid)
}

const OWN_DOCUMENTS = /^(\/docs\/[abc])(?=[/?]|$)/

interface World {
  readonly pool: pg.Pool
  readonly failures: unknown[]
  refused: number
  /** The number of rows; null if a request may have changed it. */
  rows: string | null
  readonly count: (name: string) => void
  /** Whether the app sent a statement that may write since the last call. */
  readonly takeWritten: () => boolean
}

/** Rows are also counted after one in this many refused requests without such a statement. */
const COUNTED_ONE_IN = 50

/** Whether a statement certainly cannot change a row. Unknown statements count as writes. */
const onlyReads = (text: string): boolean =>
  /^\s*(BEGIN|COMMIT|ROLLBACK|SET|SHOW|SELECT)\b/i.test(text) &&
  !/\b(INSERT|UPDATE|DELETE|MERGE|CALL|nextval|ydoc_\w+\s*\()/i.test(text)

async function askAndCheck(
  { method, path }: FuzzRequest,
  world: World,
  ask: () => Promise<Answer>,
): Promise<number> {
  world.rows ??= await countRows(world)
  const { status, code } = await ask()
  world.count(`status ${status}`)
  const what = `${method} ${path}: ${status} ${code}`
  const failure = world.failures.splice(0).at(-1)
  if (status >= 500 && !OUTAGES.has(code)) {
    const reason = failure instanceof Error ? (failure.cause ?? failure) : failure
    const said = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
    const route = path.replace(/\?.*$/, '').replace(/^\/docs\/[^/]*/, '/docs/…')
    throw new Finding(
      `${status} ${code} of ${method} ${route.slice(0, 40)}`,
      `${what}: ${said.slice(0, 600)}`,
    )
  }
  if (status < 400) {
    // A request whose answer is not awaited may still change rows.
    if (status === 0 || (method !== 'GET' && method !== 'HEAD')) world.rows = null
    return status
  }
  const before = world.rows
  if (world.takeWritten() || world.refused++ % COUNTED_ONE_IN === 0) {
    world.rows = await countRows(world)
    world.count('refusals with counted rows')
  }
  if (world.rows !== before) {
    throw new Finding(`a refused ${method} changes rows`, `${what}: ${before}, now ${world.rows}`)
  }
  if (code === '' && method !== 'HEAD' && !/\/(segments|awareness|versions|documents)/.test(path)) {
    throw new Finding('a refusal without a code', what)
  }
  return status
}

/** Counts the rows that do not belong to the honest client. */
async function countRows({ pool, takeWritten }: World): Promise<string> {
  takeWritten()
  const { rows } = await pool.query<{ count: string }>({
    name: 'count-rows',
    text: `SELECT (SELECT count(*) FROM ydoc_update WHERE doc_id <> 'honest')
         || '/' || (SELECT count(*) FROM ydoc_snapshot)
         || '/' || (SELECT count(*) FROM ydoc_awareness)
         || '/' || (SELECT count(*) FROM ydoc_writer WHERE doc_id <> 'honest')
         || '/' || (SELECT count(*) FROM ydoc_file WHERE doc_id <> 'honest')
         || '/' || (SELECT count(*) FROM ydoc_document WHERE doc_id <> 'honest') AS count`,
  })
  return rows[0]?.count ?? ''
}

async function removeDocuments(world: World): Promise<void> {
  for (const table of [
    'update',
    'snapshot',
    'awareness',
    'set_aside',
    'writer',
    'file',
    'usage',
    'document',
  ]) {
    await world.pool.query(`DELETE FROM ydoc_${table} WHERE doc_id <> 'honest'`)
  }
  world.rows = null
}
