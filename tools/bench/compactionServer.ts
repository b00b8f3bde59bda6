// A server for the compaction benchmark in a separate process. It has the API with its defaults, and a route
// that stores many rows at once. Other routes return figures that only the server knows: the size of its
// tables, and the time for which its event loop was blocked.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createAdaptorServer } from '@hono/node-server'
import { connectPostgres, createShapeService, openPglite } from '@y-electric/embedded'
import { allowAll, createApp, migrate, type ShapeSource } from '@y-electric/server'
import { Hono } from 'hono'

const { DATABASE_URL, DATA_DIR, ELECTRIC_URL, ELECTRIC_SECRET } = process.env
const database = DATABASE_URL
  ? await connectPostgres({ connectionString: DATABASE_URL })
  : await openPglite(DATA_DIR === undefined ? {} : { dataDir: DATA_DIR })
const { pool } = database
await migrate(pool)
const service = ELECTRIC_URL ? undefined : await createShapeService({ database })
const shapes: ShapeSource =
  service === undefined
    ? { url: ELECTRIC_URL ?? '', secret: ELECTRIC_SECRET || undefined }
    : { url: 'http://shapes.in-process', fetch: (request) => service.fetch(request) }

/** The number of rows that one statement inserts. */
const batchRows = 500

const root = new Hono()
root.route('/api', createApp({ pool, shapes, authorize: allowAll }))

/** Stores updates. The body is a list of updates, each after its length as four bytes. */
root.post('/rows/:docId', async (c) => {
  const body = Buffer.from(await c.req.arrayBuffer())
  const rows: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const end = at + 4 + body.readUInt32BE(at)
    rows.push(body.subarray(at + 4, end))
    at = end
  }
  for (let at = 0; at < rows.length; at += batchRows) {
    await pool.query(
      'SELECT ydoc_append($1, gen_random_uuid(), data) FROM unnest($2::bytea[]) AS data',
      [c.req.param('docId'), rows.slice(at, at + batchRows)],
    )
  }
  return c.body(null, 204)
})

/** Returns the sizes after a VACUUM, which autovacuum would run a minute later. */
root.get('/weight/:docId', async (c) => {
  for (const table of ['ydoc_update', 'ydoc_snapshot']) await pool.query(`VACUUM ${table}`)
  const { rows } = await pool.query<Record<string, string>>(
    `SELECT (SELECT count(*) FROM ydoc_update WHERE doc_id = $1)
              + (SELECT count(*) FROM ydoc_snapshot WHERE doc_id = $1) AS rows,
            (SELECT coalesce(sum(length(data)), 0) FROM ydoc_update WHERE doc_id = $1)
              + (SELECT coalesce(sum(length(data)), 0) FROM ydoc_snapshot WHERE doc_id = $1)
              AS "dataBytes",
            pg_total_relation_size('ydoc_update') + pg_total_relation_size('ydoc_snapshot')
              AS "tableBytes"`,
    [c.req.param('docId')],
  )
  const weight = Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)])
  return c.json(Object.fromEntries(weight))
})

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
/** Returns the longest block of the event loop since the last request. */
root.get('/hold', (c) => {
  const ms = delay.max / 1e6
  delay.reset()
  return c.json({ ms })
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
  await service?.close()
  await database.close()
  process.exit(0)
})
