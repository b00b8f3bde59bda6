#!/usr/bin/env node
import { pathToFileURL } from 'node:url'
import { serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { createApp } from './app.ts'
import { type Authorize, allowAll } from './auth.ts'
import { openBackend } from './backend.ts'
import { ConfigError, readConfig } from './config.ts'
import { migrate } from './store/index.ts'

/** How long open requests have after SIGTERM before their sockets are closed, in milliseconds. */
const DRAIN_MS = 2_000

async function main(): Promise<void> {
  const config = readConfig(process.env, process.argv.slice(2))
  const authorize = await loadAuthorize(config.authorizeModule)
  const backend = await openBackend(config.backend)
  const migrated = await migrate(backend.pool)

  const root = new Hono()
  root.route('/api', createApp({ pool: backend.pool, shapes: backend.shapes, authorize }))
  if (config.editor !== null) serveEditor(root, config.editor)

  const server = serve(
    { fetch: root.fetch, hostname: config.host, port: config.port },
    (address) => {
      const host = config.host.includes(':') ? `[${config.host}]` : config.host
      console.log(`y-electric  http://${host}:${address.port}`)
      console.log(`            ${backend.description}`)
      if (migrated.length > 0) console.log(`            schema: applied ${migrated.join(', ')}`)
      if (config.authorizeModule === null) {
        console.log('            everybody may read and write every document (no AUTHORIZE is set)')
      }
    },
  )
  server.on('error', (error) => fail(error))

  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    const drained = new Promise((resolve) => server.close(resolve))
    const late = setTimeout(
      () => 'closeAllConnections' in server && server.closeAllConnections(),
      DRAIN_MS,
    )
    drained
      .then(() => clearTimeout(late))
      .then(() => backend.close())
      .then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** The built editor: its files, and its page for every path that the page itself routes. */
function serveEditor(root: Hono, folder: string): void {
  root.use('/*', serveStatic({ root: folder }))
  root.get('/', serveStatic({ root: folder, path: 'index.html' }))
  root.get('/d/*', serveStatic({ root: folder, path: 'index.html' }))
}

async function loadAuthorize(path: string | null): Promise<Authorize> {
  if (path === null) return allowAll
  const loaded: unknown = await import(pathToFileURL(path).href)
  const hook =
    typeof loaded === 'object' && loaded !== null && 'default' in loaded
      ? loaded.default
      : undefined
  if (typeof hook !== 'function') {
    throw new ConfigError(`AUTHORIZE=${path}: the module's default export is not a function`)
  }
  return hook as Authorize
}

function fail(error: unknown): never {
  if (error instanceof ConfigError) console.error(`y-electric: ${error.message}`)
  else console.error('y-electric could not start:', error)
  process.exit(1)
}

main().catch(fail)
