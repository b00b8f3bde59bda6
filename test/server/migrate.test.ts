// The option `migrate` of an app, which frameworks load while they build it, without a database.
import { migrate } from '@y-electric/server'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { serveApp } from '../e2e/server.ts'
import { createDatabase, freePort } from '../harness/postgres.ts'
import { expectError, getState, postUpdate } from './api.ts'
import { startTunnel } from './tunnel.ts'

test('an app with `migrate` does not open its database before the first request, which waits for the schema', async () => {
  const created = await createDatabase(inject('databaseUrl'))
  const port = await freePort()
  const url = new URL(created.url)
  const target = Number(url.port)
  url.port = String(port)
  const pool = new pg.Pool({ connectionString: url.href })
  const shapes = { url: 'http://shapes.invalid' }
  const server = await serveApp({ backend: { pool, shapes }, migrate: true })
  expect(pool.totalCount).toBe(0)

  await expectError(await getState(server, 'a'), 503, 'database_unavailable')
  const tunnel = await startTunnel(port, target)
  const answers = await Promise.all(['a', 'b', 'c'].map((docId) => postUpdate(server, docId)))
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
  expect(await migrate(pool)).toEqual([])

  await server.close()
  await pool.end()
  await tunnel.close()
  await created.drop()
})
