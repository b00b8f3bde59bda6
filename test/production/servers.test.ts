// Two servers on one Postgres, shapes in process, behind a balancer without stickiness.

import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, readStored } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { expectConverged } from '../harness/oracle.ts'
import { createDatabase, type TestDatabaseUrl } from '../harness/postgres.ts'
import { type Balancer, startBalancer } from './balancer.ts'
import { type Child, startServer } from './child.ts'

/** test/conformance/roundRobin.test.ts reads through several services with long polls too, in one process. */
const lives = isDeep ? (['sse', 'long-poll'] as const) : (['sse'] as const)

let database: TestDatabaseUrl
let servers: Child[]
let balancer: Balancer
const clients: TestClient[] = []

beforeEach(async () => {
  database = await createDatabase(inject('databaseUrl'))
  const start = () => startServer({ DATABASE_URL: database.url })
  // Both start together: one migrates, and the other waits.
  servers = [start(), start()]
  balancer = await startBalancer(await Promise.all(servers.map(({ url }) => url)))
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await balancer.close()
  await Promise.all(servers.map((server) => server.stop()))
  await database.drop()
})

const refusals = () => balancer.answered.filter(({ status }) => status === 409 || status === 410)

test.each(lives)(
  'nothing is lost while clients use both servers, one is killed and another joins (%s)',
  async (live) => {
    const docIds = [freshDocId('a'), freshDocId('b'), freshDocId('c')]
    const documents = docIds.map((docId) => ({
      docId,
      people: [0, 1, 2, 3].map(() => {
        const client = openClient({ url: `${balancer.url}/api`, docId, live })
        clients.push(client)
        return client
      }),
    }))
    await Promise.all(clients.map(({ provider }) => provider.whenSynced()))
    await eventually(() => clients.every(({ provider }) => provider.status === 'connected'))
    const typeAll = async (rounds: number) => {
      for (let i = 0; i < rounds; i++) {
        for (const { people } of documents) people[i % people.length]?.type(String(i % 10))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    const allAlike = () =>
      eventually(
        () =>
          documents.every(({ people }) => {
            const texts = people.map(({ text }) => text.toString())
            return new Set(texts).size === 1 && people.every(({ provider }) => provider.saved)
          }),
        15_000,
      )

    await typeAll(30)
    await allAlike()
    const used = new Set(balancer.answered.map(({ server }) => server))
    expect(used.size).toBe(2)
    // No reader had to start over, whichever server answered.
    expect(refusals()).toEqual([])

    const typing = typeAll(60)
    servers[0]?.kill('SIGKILL')
    await typing
    await allAlike()
    // The other server has received everything from the dead one, so no reader starts over.
    expect(refusals()).toEqual([])

    const third = startServer({ DATABASE_URL: database.url })
    servers.push(third)
    balancer.servers.push(await third.url)
    await typeAll(30)
    await allAlike()
    // A reader that reaches the new server at once with an old offset joins again, at most once.
    expect(refusals().length).toBeLessThanOrEqual(clients.length)
    for (const { statuses, errors } of clients) {
      expect(statuses).not.toContain('refused')
      expect(errors.filter(({ code }) => code !== 'network' && code !== 'bad_response')).toEqual([])
    }

    const pool = new pg.Pool({ connectionString: database.url })
    for (const { docId, people } of documents) {
      expectConverged(
        people.map(({ doc }) => doc),
        await readStored(pool, docId),
      )
    }
    await pool.end()
    console.log(
      `${live}: ${refusals().length} of ${balancer.answered.length} answers were "must-refetch"`,
    )
  },
)
