import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createAdaptorServer } from '@hono/node-server'
import { createShapeService } from '@y-electric/embedded'
import { allowAll, createApp, migrate } from '@y-electric/server'
import { Hono } from 'hono'
import type pg from 'pg'
import { openTestDatabase } from '../../harness/database.ts'
import { startPostgres } from '../../harness/postgres.ts'
import type { Choices } from '../engine/choices.ts'
import { Finding, type Json, type Target, type TargetOptions } from '../engine/target.ts'
import { fromHex } from '../generators/bytes.ts'
import { anyRequests, type FuzzRequest } from '../generators/requests.ts'
import { type HonestPerson, openHonestPerson } from './honest-person.ts'

/** How long an answer is waited for, in milliseconds; long polls and streams take longer, and end so. */
const ANSWER_MS = 3_000

/** Codes that say what the server could not do; a request can be the reason only of the others. */
const OUTAGES = new Set(['database_unavailable', 'shape_service_unavailable'])

interface Answer {
  readonly status: number
  readonly code: string
  readonly isOpen: boolean
}

/** Requests against the whole app on a Postgres, with somebody honest beside them. */
export async function routes({ databaseUrl }: TargetOptions): Promise<Target> {
  const cluster = databaseUrl === undefined ? await startPostgres() : null
  const database = await openTestDatabase('postgres', databaseUrl ?? cluster?.url)
  await migrate(database.pool)
  const service = await createShapeService({ database })
  const failures: unknown[] = []
  const app = createApp({
    pool: database.pool,
    shapes: { url: 'http://shapes.in-process', fetch: (request) => service.fetch(request) },
    authorize: allowAll,
    onError: (error) => failures.push(error),
    // Long enough to be folded by a request or two.
    minRollRows: 2,
  })
  const server = createAdaptorServer({ fetch: new Hono().route('/api', app).fetch })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const person = openHonestPerson(port)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const statuses: Record<string, number> = {}

  return {
    name: 'routes',
    generate: (choices: Choices) => anyRequests(choices) as unknown as Json,
    async run(input) {
      const requests = input as unknown as readonly FuzzRequest[]
      for (const request of requests) {
        await sendAndCheck(request, { port, pool: database.pool, failures, person, statuses })
      }
      const problem = person.takeProblem()
      if (problem !== null) throw new Finding('an honest request fails', problem)
      return 'answered'
    },
    figures: () => ({
      ...statuses,
      'honest requests': person.requests,
      'slowest honest ms': Math.round(person.slowest),
      'event loop delay ms, worst': Math.round(delay.max / 1e6),
      'event loop delay ms, p99': Math.round(delay.percentile(99) / 1e6),
    }),
    async close() {
      await person.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      server.close()
      await service.close()
      await database.close()
      await cluster?.stop()
    },
  }
}

interface World {
  readonly port: number
  readonly pool: pg.Pool
  readonly failures: unknown[]
  readonly person: HonestPerson
  readonly statuses: Record<string, number>
}

async function sendAndCheck(request: FuzzRequest, world: World): Promise<void> {
  const { method, path } = request
  const rows = await countRows(world.pool)
  const answer = await send(world.port, request)
  const { status, code } = answer
  world.statuses[`status ${status}`] = (world.statuses[`status ${status}`] ?? 0) + 1
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
  const isRefused = status >= 400
  if (isRefused && (await countRows(world.pool)) !== rows) {
    throw new Finding(`a refused ${method} changes rows`, what)
  }
  if (isRefused && status !== 0 && code === '' && method !== 'HEAD') {
    const isShape = /\/(segments|awareness)/.test(path)
    if (!isShape) throw new Finding('a refusal without a code', what)
  }
}

/** Rows that are not the honest person's. */
async function countRows(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ count: string }>(
    `SELECT (SELECT count(*) FROM ydoc_update WHERE doc_id <> 'honest')
         || '/' || (SELECT count(*) FROM ydoc_snapshot)
         || '/' || (SELECT count(*) FROM ydoc_awareness)
         || '/' || (SELECT count(*) FROM ydoc_document WHERE doc_id <> 'honest') AS count`,
  )
  return rows[0]?.count ?? ''
}

/** Sends the path as it is; `fetch` would tidy it up first. */
function send(port: number, { method, path, headers, body }: FuzzRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path: `/api${path}`,
        headers: sendable(headers),
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = []
        const end = (isOpen: boolean) => {
          const text = Buffer.concat(chunks).toString('utf8')
          const isPlain = incoming.headers['content-encoding'] === undefined
          const code = !isPlain
            ? 'compressed'
            : (/^\{"error":\{"code":"(\w+)"/.exec(text)?.[1] ?? '')
          resolve({ status: incoming.statusCode ?? 0, code, isOpen })
          request.destroy()
        }
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => end(false))
        incoming.on('error', () => end(true))
        // A stream has begun, which is all that is asked.
        if (incoming.headers['content-type']?.startsWith('text/event-stream')) end(true)
      },
    )
    // No answer at all: a long poll, or bytes that Node itself refuses.
    request.setTimeout(ANSWER_MS, () => request.destroy())
    request.on('error', () => resolve({ status: 0, code: '', isOpen: false }))
    const bytes = body === null ? new Uint8Array() : fromHex(body)
    // Without a length, Node sends what follows a DELETE as the next request.
    if (body !== null) request.setHeader('content-length', bytes.byteLength)
    request.end(bytes)
  })
}

/** Node sends no header with control characters. */
const sendable = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '')]),
  )
