// Runs the unchanged snippets of README.md for servers and back ends, on a native Postgres and a shape
// service over HTTP in place of Electric.
import { execFile } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { createAdaptorServer } from '@hono/node-server'
import {
  connectPostgres,
  createShapeService,
  type Database,
  type ShapeService,
} from '@y-electric/embedded'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { statePath } from 'y-electric/protocol'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId } from '../e2e/server.ts'
import { createDatabase, type TestDatabaseUrl } from '../harness/postgres.ts'
import { type ServerProcess, startServerProcess } from '../harness/serverProcess.ts'
import { docsPage, readme, snippetOf } from './readme.ts'
import { openSnippetFolder, type SnippetFolder } from './snippets.ts'

const secret = 'nobody else knows'
const headers = { authorization: 'Bearer ada' }

let folder: SnippetFolder
let created: TestDatabaseUrl
let database: Database
let service: ShapeService
let electric: ReturnType<typeof createAdaptorServer>
let app: ServerProcess
let url = ''

beforeAll(async () => {
  folder = await openSnippetFolder()
  await folder.write('app.ts', snippetOf(readme, 'Serve it from your own app'))
  const script = await folder.write(
    'serve.ts',
    `import { serve } from '@hono/node-server'
    import app from './app.ts'
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
      console.log('http://127.0.0.1:' + port)
    })`,
  )
  created = await createDatabase(inject('databaseUrl'))
  database = await connectPostgres({ connectionString: created.url })
  service = await createShapeService({ database, secret })
  electric = createAdaptorServer({ fetch: (request: Request) => service.fetch(request) })
  await new Promise<void>((resolve) => electric.listen(0, '127.0.0.1', resolve))
  const electricUrl = `http://127.0.0.1:${(electric.address() as AddressInfo).port}`
  app = await startServerProcess({
    script,
    nodeArguments: ['--import', 'tsx'],
    env: { DATABASE_URL: created.url, ELECTRIC_URL: electricUrl, ELECTRIC_SECRET: secret },
  })
  url = `${app.url}/api`
}, 60_000)

afterAll(async () => {
  await app.stop()
  if ('closeAllConnections' in electric) electric.closeAllConnections()
  electric.close()
  await service.close()
  await database.close()
  await created.drop()
  await folder.remove()
})

test('the health of the app covers Postgres and the shape service', async () => {
  const response = await fetch(`${url}/health`)
  expect([response.status, await response.json()]).toEqual([
    200,
    expect.objectContaining({ status: 'ok' }),
  ])
})

test('a request without an authorization header is refused', async () => {
  const docId = freshDocId('draft')
  expect((await fetch(url + statePath(docId))).status).toBe(401)
  const stranger = openClient({ url, docId })
  try {
    await eventually(() => stranger.provider.status === 'auth-failed')
  } finally {
    await stranger.close()
  }
})

test('one client writes a draft and another follows it', async () => {
  const docId = freshDocId('draft')
  const [ada, bob] = [openClient({ url, docId, headers }), openClient({ url, docId, headers })]
  try {
    await bob.provider.whenSynced()
    ada.type('Dear Bob')
    await ada.provider.whenSaved()
    await eventually(() => bob.text.toString() === 'Dear Bob')
    expect(ada.errors).toEqual([])
  } finally {
    await ada.close()
    await bob.close()
  }
})

test('any other document can be read, and a write to it is refused', async () => {
  const docId = freshDocId('notes')
  const draft = openClient({ url, docId: freshDocId('draft'), headers })
  draft.type('Read me')
  await draft.provider.whenSaved()
  await database.pool.query(
    'SELECT ydoc_append($1, gen_random_uuid(), data) FROM ydoc_update WHERE doc_id = $2',
    [docId, draft.provider.docId],
  )
  await draft.close()

  const reader = openClient({ url, docId, headers })
  try {
    await reader.provider.whenSynced()
    expect(reader.text.toString()).toBe('Read me')
    reader.type('!')
    await eventually(() => reader.provider.status === 'refused')
    expect(reader.provider.error).toMatchObject({ status: 403 })
    expect(reader.provider.saved).toBe(false)
  } finally {
    await reader.close()
  }
})

test('a back end seeds a document once, and clients that follow it show the edits of the back end', async () => {
  const reader = openClient({ url, docId: 'notes', headers })
  try {
    await reader.provider.whenSynced()
    const script = await folder.write('backend.ts', snippetOf(docsPage('operations')))
    const env = { ...process.env, DATABASE_URL: created.url }
    const run = () => promisify(execFile)(process.execPath, ['--import', 'tsx', script], { env })
    await Promise.all([run(), run()])
    await eventually(() => reader.doc.getMap('meta').get('reviewed') === true)
    expect(reader.doc.getXmlFragment('default').toString()).toBe(
      '<heading level="1">Minutes</heading>',
    )
  } finally {
    await reader.close()
  }
})

test('the app keeps running when the database drops its connections', async () => {
  const read = async () => (await fetch(url + statePath(freshDocId('notes')), { headers })).status
  expect(await read()).toBe(200)
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND state = 'idle' AND pid <> pg_backend_pid()`,
  )
  await eventually(async () => (await read()) === 200)
})
