// The database becomes unreachable. Routes answer 503 with Retry-After, and recover without a restart.
import { connectPostgres, createShapeService } from '@y-electric/embedded'
import { migrate } from '@y-electric/server'
import pg from 'pg'
import { describe, expect, inject, test, vi } from 'vitest'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, readStored, type ServeOptions, serveApp } from '../e2e/server.ts'
import { expectConverged } from '../harness/oracle.ts'
import { createDatabase, freePort } from '../harness/postgres.ts'
import { expectError, getState, postUpdate } from './api.ts'
import { startTunnel } from './tunnel.ts'

/** A new database behind a tunnel. Closing the tunnel makes Postgres unreachable. */
async function openBehindTunnel(options: Partial<ServeOptions> = {}) {
  const created = await createDatabase(inject('databaseUrl'))
  const direct = new pg.Pool({ connectionString: created.url, max: 2 })
  await migrate(direct)
  const target = new URL(created.url)
  const tunnel = await startTunnel(await freePort(), Number(target.port))
  const url = new URL(created.url)
  url.port = String(tunnel.port)
  const database = await connectPostgres({ connectionString: url.href })
  const service = await createShapeService({ database, databaseWaitMs: 300 })
  const server = await serveApp({
    backend: {
      pool: database.pool,
      shapes: { url: 'http://shapes.test', fetch: (request) => service.fetch(request) },
    },
    healthCacheMs: 0,
    ...options,
  })
  return {
    server,
    tunnel,
    direct,
    async close() {
      await server.close()
      await tunnel.open()
      await service.close()
      await database.close()
      await tunnel.close()
      await direct.end()
      await created.drop()
    },
  }
}

describe('while Postgres is unreachable', () => {
  test('every route answers 503 with Retry-After, and it works again afterwards', async () => {
    const { server, tunnel, close } = await openBehindTunnel()
    const docId = freshDocId()
    expect((await postUpdate(server, docId)).status).toBe(201)
    const health = async () => {
      const response = await fetch(`${server.url}/health`)
      const { database } = (await response.json()) as { database: string }
      return [response.status, database]
    }
    expect(await health()).toEqual([200, 'ok'])

    await tunnel.cut()
    for (let i = 0; i < 3; i++) {
      await expectError(await postUpdate(server, docId), 503, 'database_unavailable')
      await expectError(await getState(server, docId), 503, 'database_unavailable')
      const shape = await fetch(`${server.url}/docs/${docId}/segments/0?offset=-1`)
      await expectError(shape, 503, 'database_unavailable')
    }
    expect(await health()).toEqual([503, 'unavailable'])

    await tunnel.open()
    await eventually(async () => (await postUpdate(server, docId)).status === 201)
    expect((await getState(server, docId)).status).toBe(200)
    await eventually(async () => {
      const shape = await fetch(`${server.url}/docs/${docId}/segments/0?offset=-1`)
      return shape.status === 200
    })
    expect((await health())[1]).toBe('ok')
    await close()
  })

  test('clients continue to type, and every edit arrives afterwards', async () => {
    const { server, tunnel, direct, close } = await openBehindTunnel()
    const docId = freshDocId()
    // The server asks clients to wait for a second. This test removes that, to be faster.
    const impatient: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      const headers = new Headers(response.headers)
      headers.delete('retry-after')
      return new Response(response.body, { status: response.status, headers })
    }
    const people = [0, 1].map(() => openClient({ url: server.url, docId, fetch: impatient }))
    const [ada, bob] = people
    if (ada === undefined || bob === undefined) throw new Error('the test needs two clients')
    await eventually(() => people.every(({ provider }) => provider.status === 'connected'))
    ada.type('before ')
    await eventually(() => bob.text.length === 7)

    await tunnel.cut()
    ada.type('during ')
    bob.type('meanwhile ')
    await eventually(() => people.every(({ provider }) => provider.status === 'offline'))
    expect(people.map(({ provider }) => provider.saved)).toEqual([false, false])
    expect(people.flatMap(({ errors }) => errors.map(({ status }) => status ?? 503))).not.toContain(
      400,
    )
    expect(people.flatMap(({ statuses }) => statuses)).not.toContain('refused')

    await tunnel.open()
    await Promise.all(people.map(({ provider }) => provider.whenSaved()))
    ada.type('after')
    await eventually(async () => {
      await ada.provider.whenSaved()
      expectConverged(
        people.map(({ doc }) => doc),
        await readStored(direct, docId),
      )
    })
    await eventually(() => people.every(({ provider }) => provider.status === 'connected'))
    await Promise.all(people.map((person) => person.close()))
    await close()
  })

  test('hundreds of failed requests cause one line in the log, and one more when the database works again', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { server, tunnel, close } = await openBehindTunnel({ logsToConsole: true })
    const docId = freshDocId()
    expect((await postUpdate(server, docId)).status).toBe(201)
    await tunnel.cut()
    for (let i = 0; i < 20; i++) {
      const answers = await Promise.all([
        ...Array.from({ length: 10 }, () => postUpdate(server, docId)),
        ...Array.from({ length: 8 }, () => getState(server, docId)),
        fetch(`${server.url}/docs/${docId}/segments/0?offset=-1`),
        fetch(`${server.url}/docs/${docId}/segments/0?offset=0_0&handle=x&live=true`),
      ])
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(503))
      await Promise.all(answers.map((answer) => answer.text()))
    }
    const text = expect.stringMatching(
      /^(GET|POST) \/api\/docs\/.*: database_unavailable: the database cannot be reached\n$/,
    )
    expect(log.mock.calls).toEqual([[text, expect.any(Error)]])

    await tunnel.open()
    await eventually(async () => (await postUpdate(server, docId)).status === 201)
    expect((await getState(server, docId)).status).toBe(200)
    expect(log.mock.calls.slice(1)).toEqual([
      [
        expect.stringMatching(
          /^the database works again, .* after the first failure; \d+ more requests failed$/,
        ),
      ],
    ])
    const [, [recovered = ''] = []] = log.mock.calls
    expect(Number(/(\d+) more/.exec(recovered)?.[1])).toBeGreaterThanOrEqual(399)
    log.mockRestore()
    await close()
  })
})
