import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ServerType, serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { createApp } from '../app.ts'
import { type Authorize, allowAll } from '../auth.ts'
import type { RunningBackend } from '../backend.ts'
import { type Backend, ConfigError, readServeConfig, type ServeConfig } from '../config.ts'
import { checkElectric } from '../startup/electric.ts'
import { migrateDatabase } from '../startup/migrate.ts'
import type { Command } from './command.ts'
import { textOption } from './options.ts'
import { rateLimitOf, readServeLimits, type ServeLimits } from './serve-limits.ts'

/** How long open requests have before their sockets are closed, in milliseconds. */
const DRAIN_MS = 2_000

const EDITOR = textOption({
  name: 'editor',
  placeholder: 'DIR',
  summary: 'the built editor, served at /',
})

export const serveCommand: Command = {
  name: 'serve',
  summary: 'serve the API below /api, until it is told to end',
  arguments: [],
  options: [EDITOR],
  examples: ['', 'serve --editor apps/editor/dist'],
  async run({ arguments: given, backend, io, isJson }) {
    const editor = given.option(EDITOR)
    const config = readServeConfig(io.env)
    const server = await serveApi({
      ...config,
      given: readServeLimits(io.env),
      open: () => io.openBackend(backend),
      backend,
      editor,
    })
    const { close, ...about } = server
    io.write(isJson ? `${JSON.stringify(about)}\n` : `${describe(about, config)}\n`)
    await io.untilStopped()
    await close()
    return { json: null, text: null }
  },
}

interface ServeOptions extends ServeConfig {
  readonly given: ServeLimits
  readonly backend: Backend
  readonly open: () => Promise<RunningBackend>
  /** Folder of the built editor, served at `/`; null serves the API alone. */
  readonly editor: string | null
}

/** A server that listens. */
interface ServerFacts {
  readonly url: string
  /** What it runs on, without passwords. */
  readonly backend: string
  /** Migrations that it applied when it started. */
  readonly migrated: readonly string[]
  /** Nobody is asked who may do what. */
  readonly allowsAll: boolean
  readonly publicCache: boolean
}

/** And how to end it: requests first, then the database. */
interface RunningServer extends ServerFacts {
  close(): Promise<void>
}

/** Opens the backend, brings the schema up to date and listens: the API below `/api`. */
async function serveApi(options: ServeOptions): Promise<RunningServer> {
  const { host, publicCache, authorizeModule, given } = options
  const authorize = await loadAuthorize(authorizeModule)
  const backend = await options.open()
  try {
    const migrated = await migrateDatabase(backend.pool, options.backend)
    if (options.backend.kind === 'electric') await checkElectric(backend.pool, backend.shapes)
    const root = new Hono()
    const { pool, shapes } = backend
    const { revokeSecret } = given
    const app = createApp({
      pool,
      shapes,
      authorize,
      publicCache,
      listen: backend.listen,
      limits: rateLimitOf(given, pool),
      ...given.limits,
      ...(revokeSecret !== undefined && { revoke: revokeSecret }),
    })
    root.route('/api', app)
    if (options.editor !== null) serveEditor(root, options.editor)
    const server = await listen(root, options)

    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : options.port
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      backend: backend.description,
      migrated,
      allowsAll: authorizeModule === null,
      publicCache,
      async close() {
        await closeServer(server)
        await backend.close()
      },
    }
  } catch (error) {
    await backend.close()
    throw error
  }
}

function describe(
  { url, backend, migrated, allowsAll, publicCache }: ServerFacts,
  { allowsAllOnPurpose }: ServeConfig,
): string {
  const reason = allowsAllOnPurpose ? 'AUTHORIZE=allow-all' : 'no AUTHORIZE is set'
  return [
    `y-electric  ${url}`,
    `            ${backend}`,
    ...(migrated.length > 0 ? [`            schema: applied ${migrated.join(', ')}`] : []),
    ...(allowsAll ? [`            everybody may read and write every document (${reason})`] : []),
    ...(publicCache ? ['            a cache in front may keep answers for everybody'] : []),
  ].join('\n')
}

function listen(root: Hono, { host, port }: ServeOptions): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: root.fetch, hostname: host, port }, () => resolve(server))
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE'
      reject(inUse ? new ConfigError(`port ${port} is in use: set PORT to another one`) : error)
    })
  })
}

/** Live streams do not end by themselves: after a moment their sockets are closed. */
function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      if ('closeAllConnections' in server) server.closeAllConnections()
    }, DRAIN_MS)
    server.close(() => {
      clearTimeout(late)
      resolve()
    })
  })
}

/** The built editor: its files, and its page for every path that the page itself routes. */
function serveEditor(root: Hono, folder: string): void {
  const page = serveStatic({ root: folder, path: 'index.html' })
  root.use('/*', serveStatic({ root: folder }))
  root.get('/', page)
  root.get('/d/*', page)
  root.get('/inspect/*', page)
  root.get('/*', async (c, next) => {
    // The page knows how to say that there is nothing here.
    const response = await page(c, next)
    return response === undefined
      ? undefined
      : new Response(response.body, { status: 404, headers: response.headers })
  })
}

async function loadAuthorize(path: string | null): Promise<Authorize> {
  if (path === null) return allowAll
  const { href } = pathToFileURL(resolve(path))
  const loaded: unknown = await import(href).catch((cause: unknown) => {
    // One that is there and fails shows its own error.
    const isMissing = cause instanceof Error && 'url' in cause && cause.url === href
    throw isMissing
      ? new ConfigError(`AUTHORIZE=${path}: there is no such module`, { cause })
      : cause
  })
  const hook =
    typeof loaded === 'object' && loaded !== null && 'default' in loaded
      ? loaded.default
      : undefined
  if (typeof hook !== 'function') {
    throw new ConfigError(`AUTHORIZE=${path}: the module's default export is not a function`)
  }
  return hook as Authorize
}
