// Acked batches survive kills of the server and of the database at random moments under a write load.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, inject, test } from 'vitest'
import { isDeep } from '../harness/deep.ts'
import { noteFigure } from '../harness/figures.ts'
import { fillPgliteFolder } from '../harness/pgliteFolder.ts'
import { createDatabase } from '../harness/postgres.ts'
import { type Child, startServer } from './child.ts'
import { startCrashablePostgres } from './crashablePostgres.ts'
import { findLost, startWriteLoad, type WriteLoad } from './writeLoad.ts'

const kills = isDeep ? 25 : 2
const WRITERS = 4

/** Waits for a random number of acks and a random time, so that the kill hits some commit. */
async function randomMoment(load: WriteLoad): Promise<void> {
  await load.more(1 + Math.floor(Math.random() * 40))
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 6))
}

async function killServers(start: () => Child, rounds: number): Promise<number> {
  const load = startWriteLoad(WRITERS)
  let server = start()
  try {
    for (let round = 0; round < rounds; round++) {
      load.server = await server.url
      await randomMoment(load)
      server.kill('SIGKILL')
      load.server = null
      await server.ended
      server = start()
      expect(await findLost(await server.url, load.acked), `after kill ${round + 1}`).toEqual([])
    }
    return load.acked.length
  } finally {
    await load.stop()
    await server.stop()
  }
}

test('every acked batch survives a kill of the server on PGlite', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'y-electric-durable-'))
  await fillPgliteFolder(folder)
  const acked = await killServers(() => startServer({ DATA_DIR: folder }), kills)
  await rm(folder, { recursive: true })
  await noteFigure(
    'kills survived',
    `server on PGlite: ${kills} of ${kills}, ${acked} acked batches`,
  )
})

test('every acked batch survives a kill of the server on native Postgres', async () => {
  const database = await createDatabase(inject('databaseUrl'))
  const acked = await killServers(() => startServer({ DATABASE_URL: database.url }), kills)
  await database.drop()
  await noteFigure(
    'kills survived',
    `server on Postgres: ${kills} of ${kills}, ${acked} acked batches`,
  )
})

// The test finds the processes of Postgres in /proc.
test.runIf(existsSync('/proc/self/stat') && process.env.TEST_DATABASE_URL === undefined)(
  'the server continues after a kill of Postgres itself, and every acked batch survives',
  async () => {
    const postgres = await startCrashablePostgres()
    const server = startServer({ DATABASE_URL: postgres.url })
    const load = startWriteLoad(WRITERS)
    try {
      load.server = await server.url
      for (let round = 0; round < kills; round++) {
        await randomMoment(load)
        await postgres.kill()
        await postgres.start()
        // The same server process connects to the database again by itself.
        await load.more(1)
        expect(
          await findLost(await server.url, [...load.acked]),
          `after kill ${round + 1}`,
        ).toEqual([])
      }
    } finally {
      await load.stop()
      await server.stop()
      await postgres.stop()
    }
    await noteFigure(
      'kills survived',
      `Postgres itself: ${kills} of ${kills}, ${load.acked.length} acked batches`,
    )
  },
)
