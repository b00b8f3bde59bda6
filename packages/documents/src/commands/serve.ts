import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AppOptions, type Authorize, allowAll, createApp } from '@y-electric/server'
import { Hono } from 'hono'
import type { RunningBackend } from '../backend.ts'
import { type Backend, ConfigError, readServeConfig, type ServeConfig } from '../config.ts'
import { documentRoutes } from '../routes/index.ts'
import { LIMIT_VARIABLES, readServeLimits, type ServeLimits } from '../serving/http-limits.ts'
import { closeServer, listen } from '../serving/listen.ts'
import { checkElectric } from '../startup/electric.ts'
import { explainStopped } from '../startup/explain.ts'
import { migrateDatabase } from '../startup/migrate.ts'
import { ADMISSION_SETTINGS, type Admission, rateLimitOf, readAdmission } from './admission.ts'
import type { Command } from './command.ts'
import { publishedEditor, serveEditor } from './editor.ts'
import { switchOption, textOption } from './options.ts'

const EDITOR = textOption(
  '--editor <DIR>',
  'a built page of your own, served at / instead of the editor',
)
const NO_EDITOR = switchOption('--no-editor', 'serve the API alone').conflicts(
  EDITOR.attributeName(),
)

export const serveCommand: Command = {
  name: 'serve',
  summary: 'serve the API below /api and an editor at /, until a signal ends the process',
  arguments: [],
  options: [EDITOR, NO_EDITOR],
  environment: [
    ...ADMISSION_SETTINGS,
    ...LIMIT_VARIABLES.map(
      ({ name, fallback, meaning }) => [`${name} (${fallback})`, meaning] as const,
    ),
  ],
  examples: ['', 'serve --no-editor', 'serve --editor dist'],
  async run({ arguments: given, backend, io, isJson }) {
    const editor = given.option(NO_EDITOR) ? null : (given.option(EDITOR) ?? publishedEditor())
    const config = readServeConfig(io.env)
    const server = await serveApi({
      ...config,
      limits: readServeLimits(io.env),
      admission: readAdmission(io.env),
      open: () => io.openBackend(backend),
      backend,
      editor,
    })
    const { close, failed, ...about } = server
    // Listen for signals before the address is printed: a program that reads the address may end
    // the server at once.
    const stopped = io.untilStopped()
    for (const line of warnings(about, config)) io.warn(line)
    io.write(isJson ? `${JSON.stringify(about)}\n` : `${describe(about, config)}\n`)
    const failure = await Promise.race([stopped, failed])
    await close()
    if (failure instanceof Error) throw explainStopped(failure)
    return { json: null, text: null }
  },
}

interface ServeOptions extends ServeConfig {
  readonly backend: Backend
  readonly limits: ServeLimits
  readonly admission: Admission
  readonly open: () => Promise<RunningBackend>
  /** Folder of a built page, served at `/`; null serves the API alone. */
  readonly editor: string | null
}

/** A server that listens. */
interface ServerFacts {
  readonly url: string
  /** The backend, for people, without passwords. */
  readonly backend: string
  /** Migrations that it applied when it started. */
  readonly migrated: readonly string[]
  /** True if every request is allowed. */
  readonly allowsAll: boolean
  readonly publicCache: boolean
  /** Other origins whose pages may use the API. */
  readonly corsOrigins: readonly string[]
  /** Other origins that the editor may call. */
  readonly agentOrigins: readonly string[]
}

/** A running server and its shutdown: requests first, then the database. */
interface RunningServer extends ServerFacts {
  /** Resolves if the server cannot continue. */
  readonly failed: Promise<Error>
  close(): Promise<void>
}

/** Opens the backend, brings the schema up to date and serves the API below `/api`. */
async function serveApi(options: ServeOptions): Promise<RunningServer> {
  const { host, publicCache, authorizeModule, corsOrigins, agentOrigins } = options
  const authorize = await loadAuthorize(authorizeModule)
  const backend = await options.open()
  try {
    const migrated = await migrateDatabase(backend.pool, options.backend)
    if (options.backend.kind === 'electric') await checkElectric(backend.pool, backend.shapes)
    const root = new Hono()
    const { pool, shapes, listen: listenTo, hasRoom } = backend
    const app = { pool, shapes, authorize, publicCache, ...(hasRoom && { hasRoom }) }
    root.route('/api', createApiOf(options, { ...app, listen: listenTo }))
    if (options.editor !== null) serveEditor(root, options.editor, options.agentOrigins)
    const server = await listen(root.fetch, options)
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : options.port
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      backend: backend.description,
      migrated,
      allowsAll: authorizeModule === null,
      publicCache,
      corsOrigins,
      agentOrigins: options.editor === null ? [] : agentOrigins,
      failed: backend.stopped ?? new Promise(() => {}),
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
  { url, backend, migrated, allowsAll, publicCache, corsOrigins, agentOrigins }: ServerFacts,
  { allowsAllOnPurpose }: ServeConfig,
): string {
  const reason = allowsAllOnPurpose ? 'AUTHORIZE=allow-all' : 'no AUTHORIZE is set'
  return [
    `y-electric  ${url}`,
    `            ${backend}`,
    ...(migrated.length > 0 ? [`            schema: applied ${migrated.join(', ')}`] : []),
    ...(allowsAll ? [`            everybody may read and write every document (${reason})`] : []),
    ...(corsOrigins.length > 0
      ? [`            pages of these origins may use the API: ${corsOrigins.join(', ')}`]
      : []),
    ...(agentOrigins.length > 0
      ? [`            the editor’s assistant may call: ${agentOrigins.join(', ')}`]
      : []),
    ...(publicCache ? ['            a cache in front may store answers for everybody'] : []),
  ].join('\n')
}

/** Addresses that only programs on this machine can reach. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/

/** Warnings for the operator. */
function warnings({ allowsAll, url }: ServerFacts, { host }: ServeConfig): string[] {
  if (!allowsAll || LOOPBACK.test(host)) return []
  return [
    'WARNING: this server authenticates nobody, and other machines can reach it.',
    `WARNING: everybody who can reach ${url} may read, change and delete EVERY document.`,
    'WARNING: set AUTHORIZE to a module that decides about each request, or HOST=127.0.0.1.',
  ]
}

function createApiOf(
  { corsOrigins, allowedHosts, limits, admission }: ServeOptions,
  options: Pick<AppOptions, 'pool' | 'shapes' | 'authorize' | 'publicCache' | 'hasRoom' | 'listen'>,
): Hono {
  const cors = {
    origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
  }
  try {
    return createApp({
      ...options,
      extensions: [documentRoutes],
      ...limits.api,
      ...admission.limits,
      limits: rateLimitOf(admission, limits.api.ipv6PrefixBits, options.pool),
      ...(admission.revokeSecret !== undefined && { revoke: admission.revokeSecret }),
      ...(corsOrigins.length > 0 && { cors }),
      ...(allowedHosts !== null && { allowedHosts }),
    })
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigError(`ALLOWED_HOSTS: ${error.message}`)
    throw error
  }
}

async function loadAuthorize(path: string | null): Promise<Authorize> {
  if (path === null) return allowAll
  const { href } = pathToFileURL(resolve(path))
  const loaded: unknown = await import(href).catch((cause: unknown) => {
    // A module that exists and fails to load reports its own error.
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
