import { documentRoutes } from '@y-electric/documents'
import { connectPostgres, createShapeService, openPglite } from '@y-electric/embedded'
import { allowAll, createApp, migrate } from '@y-electric/server'
import { Hono } from 'hono'

/** Next.js loads this file again when it has changed. The database stays open meanwhile. */
const kept = globalThis as { api?: Promise<Hono> | undefined }

/** The API below /api, opened once. After a failure the next request tries again. */
export function openApi(): Promise<Hono> {
  kept.api ??= open().catch((error: unknown) => {
    kept.api = undefined
    throw error
  })
  return kept.api
}

async function open(): Promise<Hono> {
  const connectionString = process.env.DATABASE_URL
  const database =
    connectionString === undefined
      ? await openPglite({ dataDir: '.data' })
      : await connectPostgres({ connectionString })
  const { pool, listen } = database
  await migrate(pool)
  const service = await createShapeService({ database })
  const api = createApp({
    pool,
    shapes: {
      url: 'http://shapes.in-process',
      fetch: (request) => service.fetch(request),
      seesCommits: true,
    },
    listen,
    extensions: [documentRoutes],
    // Everybody may read and write every document. Decide here who may, before others can reach the server.
    authorize: allowAll,
  })
  return new Hono().route('/api', api)
}
