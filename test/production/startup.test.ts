// A server that cannot work ends at once with exit code 2. Its message says what is wrong and what to do,
// without a stack trace and without a password. Each test starts processes, so a default run
// takes some causes; explain.test.ts and serve.test.ts explain all of them without a process.

import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import {
  connectPostgres,
  createShapeService,
  type Database,
  type ShapeService,
} from '@y-electric/embedded'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { isDeep } from '../harness/deep.ts'
import { fillPgliteFolder } from '../harness/pgliteFolder.ts'
import { createDatabase, freePort, type TestDatabaseUrl } from '../harness/postgres.ts'
import { rawRequest } from '../server/api.ts'
import { startServer } from './child.ts'
import { startCrashablePostgres } from './crashablePostgres.ts'
import { fromService, startUpstream, status, type Upstream } from './upstream.ts'

const PASSWORD = 'hush-hush-4711'
let database: TestDatabaseUrl
let admin: Database

beforeAll(async () => {
  database = await createDatabase(inject('databaseUrl'))
  admin = await connectPostgres({ connectionString: database.url, maxConnections: 2 })
  return async () => {
    await admin.close()
    await database.drop()
  }
})

/** The URL of the test database with changed parts. */
function url(change: (url: URL) => void): string {
  const changed = new URL(database.url)
  change(changed)
  return changed.href
}

async function refusal(env: Record<string, string>): Promise<string> {
  const server = startServer(env)
  // A server that starts nevertheless is stopped.
  server.url.then(
    () => server.kill('SIGKILL'),
    () => {},
  )
  const { code, output } = await server.ended
  expect(code, output).toBe(2)
  expect(output).toMatch(/^y-electric: /)
  expect(output.trim().split('\n')).toHaveLength(1)
  expect(output).not.toContain('    at ')
  expect(output).not.toContain(PASSWORD)
  expect(output).not.toContain(`${new URL(inject('databaseUrl')).password}@`)
  return output
}

describe.concurrent('the database', { timeout: 60_000 }, () => {
  test('is not reachable', async () => {
    const port = String(await freePort())
    const said = await refusal({ DATABASE_URL: `postgres://me:${PASSWORD}@127.0.0.1:${port}/x` })
    expect(said).toContain(`DATABASE_URL: nothing listens at 127.0.0.1:${port}`)
  })
  test('has an unknown host name', { skip: !isDeep }, async () => {
    const said = await refusal({ DATABASE_URL: `postgres://me:${PASSWORD}@nowhere.invalid/x` })
    expect(said).toContain('the host name of nowhere.invalid:5432 is not known')
  })
  test('refuses the password', { skip: !isDeep }, async () => {
    const said = await refusal({
      DATABASE_URL: url((to) => {
        to.password = PASSWORD
      }),
    })
    expect(said).toContain('does not accept the password of user "postgres"')
  })
  test('does not exist', { skip: !isDeep }, async () => {
    const said = await refusal({
      DATABASE_URL: url((to) => {
        to.pathname = '/no_such_database'
      }),
    })
    expect(said).toContain('there is no database "no_such_database"')
  })
  test('does not let its user create tables', { skip: !isDeep }, async () => {
    await admin.pool.query(`CREATE ROLE reader_of_this_test LOGIN PASSWORD '${PASSWORD}'`)
    await admin.pool.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
    const said = await refusal({
      DATABASE_URL: url((to) => {
        to.username = 'reader_of_this_test'
        to.password = PASSWORD
      }),
    })
    expect(said).toContain('user "reader_of_this_test" may not create the tables')
    expect(said).toContain('GRANT CREATE ON SCHEMA public')
    await admin.pool.query('DROP ROLE reader_of_this_test')
  })
  test('has a newer schema', async () => {
    const newer = await createDatabase(inject('databaseUrl'))
    const other = await connectPostgres({ connectionString: newer.url })
    await other.pool.query(`CREATE TABLE ydoc_migration (version integer PRIMARY KEY, name text NOT NULL);
      INSERT INTO ydoc_migration VALUES (9000, 'of the future')`)
    expect(await refusal({ DATABASE_URL: newer.url })).toContain('to version 9000')
    await other.close()
    await newer.drop()
  })
  test('does not support the TLS that the URL requires, since the options of pg are passed on', {
    skip: !isDeep,
  }, async () => {
    const said = await refusal({
      DATABASE_URL: url((to) => to.searchParams.set('sslmode', 'verify-full')),
    })
    expect(said).toContain('no encrypted connection')
  })
  test('is first asked for TLS if the URL has sslmode', { skip: !isDeep }, async () => {
    const first = await firstBytes(
      (port) => `postgres://me:${PASSWORD}@127.0.0.1:${port}/x?sslmode=verify-full`,
    )
    // These bytes are the SSLRequest of the protocol.
    expect(first.subarray(0, 8).toString('hex')).toBe('0000000804d2162f')
    const plain = await firstBytes((port) => `postgres://me:${PASSWORD}@127.0.0.1:${port}/x`)
    expect(plain.subarray(4, 8).toString('hex')).toBe('00030000')
  })
  test('delivers no notifications through DATABASE_LISTEN_URL', {
    skip: !isDeep,
    timeout: 60_000,
  }, async () => {
    const other = await createDatabase(inject('databaseUrl'))
    const said = await refusal({ DATABASE_URL: database.url, DATABASE_LISTEN_URL: other.url })
    expect(said).toContain('DATABASE_LISTEN_URL: notifications (NOTIFY)')
    await other.drop()
  })
})

/** The first bytes that a server sends to its database, which then closes the connection. */
async function firstBytes(urlOf: (port: number) => string): Promise<Buffer> {
  const received: Buffer[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (bytes) => {
      received.push(bytes)
      socket.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await refusal({ DATABASE_URL: urlOf((server.address() as AddressInfo).port) })
  server.close()
  return received[0] ?? Buffer.alloc(0)
}

const hasOwnPostgres = process.env.TEST_DATABASE_URL === undefined && existsSync('/proc/self/stat')

test.runIf(isDeep && hasOwnPostgres)('wal_level is not logical', async () => {
  const postgres = await startCrashablePostgres()
  await postgres.kill()
  await postgres.start(['wal_level=replica'])
  const said = await refusal({ DATABASE_URL: postgres.url, ELECTRIC_URL: 'http://127.0.0.1:1' })
  expect(said).toContain('Electric needs wal_level=logical')
  expect(said).toContain('has replica: ALTER SYSTEM SET wal_level = logical')
  await postgres.stop()
})

describe.concurrent('settings', { timeout: 60_000 }, () => {
  // serve.test.ts covers the other settings without a process.
  test('name a module that does not exist', async () => {
    const said = await refusal({ AUTHORIZE: './no-such-module.mjs' })
    expect(said).toContain('AUTHORIZE=./no-such-module.mjs')
  })
  test('a data folder that another server uses is refused, and the message names that server', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-startup-'))
    await fillPgliteFolder(folder)
    const holder = startServer({ DATA_DIR: folder })
    await holder.url
    expect(await refusal({ DATA_DIR: folder })).toMatch(
      new RegExp(`DATA_DIR: .* is in use by process \\d+ on host ${os.hostname()} since `),
    )
    await holder.stop()
    await rm(folder, { recursive: true })
  })
})

describe('Electric', () => {
  let upstream: Upstream
  let service: ShapeService
  let far: { url: TestDatabaseUrl; database: Database; service: ShapeService }
  beforeAll(async () => {
    service = await createShapeService({ database: admin, secret: 'right' })
    const other = await createDatabase(inject('databaseUrl'))
    const otherDatabase = await connectPostgres({ connectionString: other.url })
    far = {
      url: other,
      database: otherDatabase,
      service: await createShapeService({ database: otherDatabase }),
    }
  })
  afterAll(async () => {
    await service.close()
    await far.service.close()
    await far.database.close()
    await far.url.drop()
  })
  afterEach(() => upstream?.close())

  const refusalOf = async (env: Record<string, string> = {}) =>
    refusal({ DATABASE_URL: database.url, ELECTRIC_URL: upstream.url, ...env })

  test('is not reachable', async () => {
    upstream = await startUpstream(status(200))
    await upstream.close()
    expect(await refusalOf()).toMatch(
      /ELECTRIC_URL: Electric at .* does not answer \(ECONNREFUSED\)/,
    )
  })
  test('requires a secret', { skip: !isDeep }, async () => {
    upstream = await startUpstream(fromService(service))
    expect(await refusalOf()).toContain('ELECTRIC_SECRET is not set')
    const said = await refusalOf({ ELECTRIC_SECRET: PASSWORD })
    expect(said).toContain('does not accept it (401)')
  })
  test('is another service, or not ready', { skip: !isDeep }, async () => {
    upstream = await startUpstream(status(404))
    expect(await refusalOf()).toContain('is that an Electric?')
    upstream.answer = status(503)
    expect(await refusalOf()).toContain('is not ready (503)')
  })
  test('reads another database, with or without the tables of y-electric', {
    skip: !isDeep,
    timeout: 60_000,
  }, async () => {
    upstream = await startUpstream(fromService(far.service))
    expect(await refusalOf()).toContain('does it read another database')
    const elsewhere = startServer({ DATABASE_URL: far.url.url })
    await elsewhere.url
    await elsewhere.stop()
    expect(await refusalOf()).toContain('reads another database than that of DATABASE_URL')
  })
  test('is configured correctly: the server starts, and the check leaves no rows', async () => {
    upstream = await startUpstream(fromService(service))
    const server = startServer({
      DATABASE_URL: database.url,
      ELECTRIC_URL: upstream.url,
      ELECTRIC_SECRET: 'right',
    })
    const health = await fetch(`${await server.url}/api/health`)
    expect(health.status).toBe(200)
    await server.stop()
    const { rows } = await admin.pool.query(
      'SELECT (SELECT count(*) FROM ydoc_update) + (SELECT count(*) FROM ydoc_document) AS left',
    )
    expect(Number(rows[0].left)).toBe(0)
  })
})

describe.concurrent('foreign pages', { timeout: 60_000 }, () => {
  const serveWith = async (env: Record<string, string>) => {
    const server = startServer({ DATABASE_URL: database.url, ...env })
    const port = Number(new URL(await server.url).port)
    const ask = (headers: Record<string, string>, method = 'GET') =>
      rawRequest({ port }, method, '/api/docs/foreign', headers)
    return { server, ask }
  }

  test('a server prints warnings exactly if it has no authorization and other machines can reach it', async () => {
    const open = await serveWith({ HOST: '0.0.0.0', AUTHORIZE: 'allow-all' })
    await open.server.stop()
    expect(open.server.output().match(/^WARNING: /gm)).toHaveLength(3)
    expect(open.server.output()).toContain('may read, change and delete EVERY document')
    // The other two are processes of their own.
    if (!isDeep) return
    const local = await serveWith({ AUTHORIZE: 'allow-all' })
    await local.server.stop()
    const hook = path.resolve(import.meta.dirname, '../browser/writersForbidden.mjs')
    const authorized = await serveWith({ HOST: '0.0.0.0', AUTHORIZE: hook })
    await authorized.server.stop()
    for (const { server } of [local, authorized]) expect(server.output()).not.toContain('WARNING')
  })

  test('ALLOWED_HOSTS and CORS_ORIGINS decide which pages and hosts may use the API', async () => {
    const origin = 'https://app.example.com'
    const { server, ask } = await serveWith({
      AUTHORIZE: 'allow-all',
      ALLOWED_HOSTS: 'notes.example.com, .example.org',
      CORS_ORIGINS: `${origin}, https://other.example.com:8443`,
    })
    for (const host of ['notes.example.com', 'a.example.org', 'localhost']) {
      expect([host, (await ask({ host })).status]).toEqual([host, 404])
    }
    expect((await ask({ host: 'evil.example' })).status).toBe(421)
    const own = await ask({ origin, 'sec-fetch-site': 'cross-site' }, 'DELETE')
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([404, origin])
    const evil = await ask({ origin: 'https://evil.example' }, 'DELETE')
    expect([evil.status, evil.headers.get('access-control-allow-origin')]).toEqual([403, null])
    await server.stop()
    expect(server.output()).toContain('pages of these origins may use the API: https://app.')
  })

  test('a value that is neither an origin nor a host name is refused', {
    skip: !isDeep,
  }, async () => {
    const given = { DATABASE_URL: database.url }
    const origins = await refusal({ ...given, CORS_ORIGINS: 'app.example.com' })
    expect(origins).toContain('CORS_ORIGINS must be')
    const hosts = await refusal({ ...given, ALLOWED_HOSTS: 'https://notes.example.com' })
    expect(hosts).toContain('is not a host name')
  })
})
