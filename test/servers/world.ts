// A database, and a shape service over HTTP in place of Electric, for servers that are processes of their own.
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { connectPostgres, createShapeService } from '@y-electric/embedded'
import { inject } from 'vitest'
import { createDatabase } from '../harness/postgres.ts'

export interface World {
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

export async function openWorld(): Promise<World> {
  const created = await createDatabase(inject('databaseUrl'))
  const database = await connectPostgres({ connectionString: created.url })
  const service = await createShapeService({ database })
  const electric = createAdaptorServer({ fetch: (request: Request) => service.fetch(request) })
  await new Promise<void>((resolve) => electric.listen(0, '127.0.0.1', resolve))
  const { port } = electric.address() as AddressInfo
  return {
    env: { DATABASE_URL: created.url, ELECTRIC_URL: `http://127.0.0.1:${port}` },
    async close() {
      if ('closeAllConnections' in electric) electric.closeAllConnections()
      electric.close()
      await service.close()
      await database.close()
      await created.drop()
    },
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
