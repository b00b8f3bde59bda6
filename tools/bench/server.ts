// A server for benchmarks in a separate process. It serves the API, the plain shape service, and a route that
// inserts rows by plain SQL, because another process cannot run SQL on the PGlite of this one.
import { Session } from 'node:inspector/promises'
import { createAdaptorServer } from '@hono/node-server'
import { documentRoutes } from '@y-electric/documents'
import { connectPostgres, createShapeService, openPglite } from '@y-electric/embedded'
import { allowAll, createApp, migrate } from '@y-electric/server'
import { Hono } from 'hono'

const { DATABASE_URL, DATA_DIR, ELECTRIC_URL, ELECTRIC_SECRET } = process.env
const database = DATABASE_URL
  ? await connectPostgres({ connectionString: DATABASE_URL })
  : await openPglite(DATA_DIR === undefined ? {} : { dataDir: DATA_DIR })
const { pool } = database
await migrate(pool)
const service = await createShapeService({ database })
let shapeRequests = 0
/** The Electric of the environment if there is one, otherwise the service in this process. */
const sendToShapes = (request: Request): Promise<Response> => {
  shapeRequests++
  return ELECTRIC_URL === undefined ? service.fetch(request) : fetch(request)
}

const root = new Hono()
root.route(
  '/api',
  createApp({
    extensions: [documentRoutes],
    pool,
    shapes: {
      url: ELECTRIC_URL ?? 'http://shapes.in-process',
      fetch: sendToShapes,
      secret: ELECTRIC_SECRET,
      seesCommits: ELECTRIC_URL === undefined,
    },
    authorize: allowAll,
  }),
)
root.get('/shape-requests', (c) => c.text(String(shapeRequests)))
// The processor profile covers the time between the two requests, without the start of the process.
const inspector = new Session()
inspector.connect()
root.post('/profile', async (c) => {
  await inspector.post('Profiler.enable')
  await inspector.post('Profiler.start')
  return c.body(null, 204)
})
root.get('/profile', async (c) => c.json((await inspector.post('Profiler.stop')).profile))
root.all('/v1/*', (c) => service.fetch(c.req.raw))
root.post('/sql/:docId', async (c) => {
  const docId = c.req.param('docId')
  const data = Buffer.from(await c.req.arrayBuffer())
  const began = process.hrtime.bigint()
  await pool.query({
    name: 'bench_insert',
    text: 'INSERT INTO ydoc_update (doc_id, segment, data) VALUES ($1, 0, $2)',
    values: [docId, data],
  })
  // This clock of the machine is shared by all its processes.
  return c.json({ began: String(began) })
})
root.put('/sql/:docId', async (c) => {
  const docId = c.req.param('docId')
  await pool.query('INSERT INTO ydoc_document (doc_id) VALUES ($1)', [docId])
  return c.body(null, 204)
})

const server = createAdaptorServer({ fetch: root.fetch })
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  console.log(`http://127.0.0.1:${address.port}`)
})

process.once('SIGTERM', async () => {
  if ('closeAllConnections' in server) server.closeAllConnections()
  server.close()
  await service.close()
  await database.close()
  process.exit(0)
})
