// Provokes every error code that the OpenAPI document lists for a route. Each answer has the status
// of its code and the common form of errors, and the request changes no row.
import { documentRoutes } from '@y-electric/documents'
import { type Authorize, createApp, type LimitHook } from '@y-electric/server'
import express from 'express'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ERROR_STATUS } from 'y-electric/protocol'
import { readOpenApi } from '../../tools/reference/openApi.ts'
import { serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { countRows, expectError } from '../server/api.ts'
import { type ExpressServer, serveInExpress } from '../server/express.ts'
import { type Contract, codesOf, type Described, readContract } from './contract.ts'
import { DECISION_HEADER, LIMIT_HEADER, OWNED_CLIENT, REFUSALS, type Stage } from './refusals.ts'
import { RIGHT, send } from './requests.ts'
import {
  ambiguousDocument,
  corruptDocument,
  deletedDocument,
  ROLLS_AT_ONCE,
  writtenDocument,
} from './world.ts'

/** Codes that one request alone cannot provoke, and the tests that provoke them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  request_timeout: 'a slow body: test/server/bodies.test.ts',
  server_busy: 'many bodies at once: test/server/bodies.test.ts',
  compaction_busy: 'two folds at once: test/compaction/locks.test.ts',
  authorization_unavailable:
    'a hook that fails while a stream is open: test/server/revocation.test.ts',
}

const decide = ({ request }: Pick<Parameters<Authorize>[0], 'request'>) => {
  const decision = request.headers.get(DECISION_HEADER) ?? 'allow'
  if (decision === 'throw') throw new Error('the user service is down')
  return decision as 'allow' | 'unauthenticated' | 'forbidden'
}

const limits: LimitHook = (request) => {
  const code = request.headers.get(LIMIT_HEADER)
  return code === null ? null : { code: code as 'too_many_requests' | 'quota_exceeded' }
}
const hooks = {
  authorize: decide,
  limits,
  revoke: (request: Request) => decide({ request }),
}

const backend = useBackend()
const servers: TestServer[] = []
const others: ExpressServer[] = []
const away = new pg.Pool({ connectionString: 'postgres://127.0.0.1:1/nowhere', max: 1 })
let stage: Stage
let contract: Contract

beforeAll(async () => {
  const { pool, shapes } = backend.current
  const serve = async (options: Partial<Parameters<typeof createApp>[0]>) => {
    const { pool: own = pool, ...rest } = options
    const server = await serveApp({ backend: { pool: own, shapes }, ...hooks, ...rest })
    servers.push(server)
    return server
  }
  const server = await serve({ ...ROLLS_AT_ONCE, allowedHosts: ['notes.example.com'] })
  const small = await serve({
    maxUpdateBytes: 10,
    maxAwarenessBytes: 10,
    maxFileBytes: 10,
    maxSnapshotBytes: 4_000,
    minRollRows: 1_000,
  })
  const full = await serve({ hasRoom: () => false, maxExportBytes: 1 })
  const tiny = await serve({ maxReadBytes: 1 })
  const hasty = await serve({ inspectInlineBytes: 1, inspectTimeoutMs: 0.001 })
  const tight = await serve({ maxSnapshotBytes: 100 })
  const noDatabase = await serve({ pool: away })
  const noShapes = await serve({
    ...ROLLS_AT_ONCE,
    shapes: {
      url: 'http://shapes.test',
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    },
  })
  const consumed = await serveInExpress(
    createApp({ extensions: [documentRoutes], pool, shapes, ...hooks, onError() {} }),
    [express.raw({ type: () => true })],
  )
  others.push(consumed)
  const noRevoke = await serveApp({ backend: { pool, shapes } })
  servers.push(noRevoke)
  contract = await readContract(server.url)
  stage = {
    written: await writtenDocument(server),
    deleted: await deletedDocument(server),
    ambiguous: await ambiguousDocument(server),
    corrupt: await corruptDocument(server),
    url: server.url,
    smallUrl: small.url,
    fullUrl: full.url,
    tinyUrl: tiny.url,
    tightUrl: tight.url,
    hastyUrl: hasty.url,
    noDatabaseUrl: noDatabase.url,
    noShapesUrl: noShapes.url,
    consumedUrl: consumed.url,
    noRevokeUrl: noRevoke.url,
  }
  await pool.query(
    // The row must not expire, however long the earlier tests take.
    `INSERT INTO ydoc_awareness (doc_id, client_id, data, user_name, updated_at)
     VALUES ($1, $2, '', 'ada', now() + interval '1 hour')`,
    [stage.written.docId, OWNED_CLIENT],
  )
})
afterAll(async () => {
  for (const server of [...servers, ...others]) await server.close()
  await away.end()
})

const { paths } = await readOpenApi()
const routes: readonly Described[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
)
const cases = routes.flatMap((route) =>
  codesOf(route).map((code) => [route.operation.operationId, code, route] as const),
)

describe('each code of each route', () => {
  test.each(cases.filter(([, code]) => ELSEWHERE[code] === undefined))(
    '%s: %s',
    async (name, code, route) => {
      const attempts = (REFUSALS[`${name} ${code}`] ?? REFUSALS[code])?.(stage, route) ?? []
      expect(
        attempts.length,
        `no request provokes ${code} of ${name}: add one to refusals.ts`,
      ).toBeGreaterThan(0)
      const before = await countRows(backend.current)
      for (const { url, sending } of attempts) {
        const response = await send(url, sending)
        const about = `${sending.method} ${sending.path} ${sending.body}`
        expect(await contract.problem(name, response.clone()), about).toBeNull()
        const status = ERROR_STATUS[code as keyof typeof ERROR_STATUS]
        expect([about, (await response.clone().text()).slice(0, 300)]).toEqual([
          about,
          expect.stringContaining(`"${code}"`),
        ])
        await expectError(response, status, code as keyof typeof ERROR_STATUS)
      }
      expect(await countRows(backend.current)).toBe(before)
    },
  )
})

test('each code that another test provokes is documented by a route', () => {
  for (const code of Object.keys(ELSEWHERE)) {
    expect(cases.some(([, one]) => one === code)).toBe(true)
  }
})

test('every route of a document refuses a deleted document', () => {
  const silent = cases.filter(([, code]) => code === 'deleted').map(([name]) => name)
  const others = routes
    .filter(({ path }) => path.includes('{docId}'))
    .map(({ operation }) => operation.operationId)
    .filter((name) => !silent.includes(name))
  // A client may still remove its presence: the deletion has already removed it.
  expect(others).toEqual(['deleteAwareness'])
})

test('there is a request for each route', () => {
  expect(routes.map(({ operation }) => operation.operationId).sort()).toEqual(
    Object.keys(RIGHT).sort(),
  )
})

test('no path accepts a method that is not described', async () => {
  for (const path of Object.keys(paths)) {
    const known = Object.keys(paths[path] ?? {}).map((method) => method.toUpperCase())
    for (const method of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']) {
      // `rows` is not a client id, so the route of a single client answers.
      const isClient = path.endsWith('/rows') && ['PUT', 'DELETE'].includes(method)
      if (known.includes(method) || isClient) continue
      const url = `${stage.url}${path.replace(/\{\w+\}/g, '1')}`
      const response = await fetch(url, { method })
      const allow = response.headers.get('allow')?.split(', ') ?? []
      expect(allow.toSorted()).toEqual(
        [...known, ...(known.includes('GET') ? ['HEAD'] : [])].sort(),
      )
      await expectError(response, 405, 'method_not_allowed')
    }
  }
  for (const path of ['/', '/docs/', '/docs/a/b', '/docs/a/snapshots/1/x', '/openapi', '/Docs']) {
    await expectError(await fetch(stage.url + path), 404, 'not_found')
  }
})
