// The server that an app with @electric-sql/y-electric has to provide. It inserts updates, and forwards
// requests for a shape to the Electric at ELECTRIC_URL, which reads the database of DATABASE_URL.
import http from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import pg from 'pg'

const { DATABASE_URL, ELECTRIC_URL, ELECTRIC_SECRET } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 })
await pool.query(
  `CREATE TABLE IF NOT EXISTS peers_ydoc_update (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room text NOT NULL, op bytea NOT NULL)`,
)

const server = http.createServer(async (request, response) => {
  try {
    const url = new URL(request.url, 'http://127.0.0.1')
    const answer = url.pathname === '/update' ? insert : forward
    await answer(request, response, url.searchParams)
  } catch (error) {
    if (!response.headersSent) response.writeHead(500)
    response.end(String(error))
  }
})

async function insert(request, response, query) {
  await pool.query({
    name: 'insert',
    text: 'INSERT INTO peers_ydoc_update (room, op) VALUES ($1, $2)',
    values: [query.get('room'), await buffer(request)],
  })
  response.end()
}

async function forward(_request, response, query) {
  const target = new URL('/v1/shape', ELECTRIC_URL)
  target.search = query.toString()
  target.searchParams.delete('room')
  target.searchParams.set('table', 'peers_ydoc_update')
  target.searchParams.set('where', 'room = $1')
  target.searchParams.set('params[1]', query.get('room'))
  if (ELECTRIC_SECRET) target.searchParams.set('secret', ELECTRIC_SECRET)
  const aborter = new AbortController()
  response.once('close', () => aborter.abort())
  const answer = await fetch(target, { signal: aborter.signal })
  const headers = Object.fromEntries(answer.headers)
  // `fetch` has decompressed the body.
  delete headers['content-encoding']
  delete headers['content-length']
  response.writeHead(answer.status, headers)
  if (answer.body === null) return response.end()
  Readable.fromWeb(answer.body)
    .once('error', () => response.destroy())
    .pipe(response)
}

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.once('SIGTERM', async () => {
  server.closeAllConnections()
  await pool.end()
  process.exit(0)
})
