import pg from 'pg'
import { EmbeddedError, messageOf } from '../errors.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Database } from './database.ts'
import { guardParser } from './parserGuard.ts'

const HEARTBEAT_MS = 15_000
const HEARTBEAT_TIMEOUT_MS = 10_000

/** Postgres adds notifications to its queue page by page, and others can read in between. */
const QUEUE_PAGE_BYTES = 8192

/** Nobody listens to this channel. */
const FENCE_CHANNEL = 'y_electric_fence'

export interface PostgresOptions {
  connectionString: string
  /** Used for LISTEN if `connectionString` leads to a pooler such as PgBouncer. */
  listenConnectionString?: string
  maxConnections?: number
  connectTimeoutMs?: number
  /**
   * Set to false behind a pooler that assigns a connection per transaction and does not support
   * prepared statements.
   */
  namedStatements?: boolean
}

/** Creates a pool of connections; its queries are unnamed if `namedStatements` is false. */
export function createPool(options: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.maxConnections ?? 10,
    keepAlive: true,
    ...(options.connectTimeoutMs !== undefined && {
      connectionTimeoutMillis: options.connectTimeoutMs,
    }),
    ...(options.namedStatements === false && { Client: NamelessClient }),
  })
  // The pool replaces an idle connection that breaks; without a listener its error would end the process.
  pool.on('error', () => {})
  // The pool does not listen to a connection in use: one that breaks between two statements of a
  // transaction would also end the process. The next statement reports the error.
  pool.on('connect', (client) => client.on('error', () => {}))
  pool.on('connect', guardParser)
  return pool
}

/** A client that prepares no statements: Postgres parses each query again. */
class NamelessClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    const query: (...args: unknown[]) => unknown = this.query.bind(this)
    const withoutName = (config: unknown, ...rest: unknown[]): unknown =>
      query(isQueryConfig(config) ? { ...config, name: undefined } : config, ...rest)
    Object.assign(this, { query: withoutName })
  }
}

/** False for a cursor or another object that submits itself. */
const isQueryConfig = (config: unknown): config is object =>
  typeof config === 'object' && config !== null && !('submit' in config)

export async function connectPostgres(options: PostgresOptions): Promise<Database> {
  const pool = createPool(options)
  try {
    await pool.query('SELECT 1')
  } catch (error) {
    await pool.end().catch(() => {})
    throw new EmbeddedError(
      'database_unreachable',
      `Cannot connect to Postgres: ${messageOf(error)}`,
      {
        cause: error,
      },
    )
  }
  const connectionString = options.listenConnectionString ?? options.connectionString
  let closing: Promise<void> | undefined
  return {
    kind: 'postgres',
    pool,
    listen: (channel, onPayload, onLost, onWhole) =>
      listen(connectionString, channel, onPayload, onLost, onWhole),
    close: () => {
      closing ??= pool.end()
      return closing
    },
  }
}

async function listen(
  connectionString: string,
  channel: string,
  onPayload: (payload: string) => void,
  onLost: (error: Error) => void,
  onWhole: (() => void) | undefined,
): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString, keepAlive: true })
  let ended = false
  let heartbeat: NodeJS.Timeout | undefined
  const end = (error: Error): void => {
    if (ended) return
    ended = true
    clearInterval(heartbeat)
    client.end().catch(() => {})
    onLost(error)
  }

  // A query that is sent after a notification is answered when the rest of its transaction has been
  // received, with one exception: a transaction that fills several pages of Postgres' queue can be read
  // in pieces while it commits, and the query may be answered between them. A notification of this
  // session's own is added after them, and sending it reads everything before it.
  let fence: 'none' | 'sent' | 'again' = 'none'
  let bytes = 0
  const sendFence = (): void => {
    fence = 'sent'
    const sql = bytes < QUEUE_PAGE_BYTES ? 'SELECT' : `NOTIFY ${quoteIdentifier(FENCE_CHANNEL)}`
    bytes = 0
    client.query(sql).then(() => {
      if (ended) return
      onWhole?.()
      if (fence === 'again') sendFence()
      else fence = 'none'
    }, end)
  }

  client.on('error', end)
  client.on('end', () => end(new Error('the listening connection was closed')))
  client.on('notification', (message) => {
    if (ended || message.channel !== channel) return
    const payload = message.payload ?? ''
    onPayload(payload)
    if (onWhole === undefined) return
    bytes += payload.length
    if (fence === 'none') sendFence()
    else fence = 'again'
  })
  try {
    await client.connect()
    // This session stores nothing: its notifications need not wait for the disk.
    await client.query('SET synchronous_commit = off')
    await client.query(`LISTEN ${quoteIdentifier(channel)}`)
  } catch (error) {
    ended = true
    await client.end().catch(() => {})
    throw new EmbeddedError(
      'database_unreachable',
      `Cannot listen for changes in Postgres: ${messageOf(error)}`,
      { cause: error },
    )
  }

  // A connection that broke silently (a sleeping laptop, a firewall) is noticed only by a query.
  heartbeat = setInterval(() => {
    const overdue = setTimeout(
      () => end(new Error('the listening connection does not answer')),
      HEARTBEAT_TIMEOUT_MS,
    )
    overdue.unref()
    client.query('SELECT 1').then(
      () => clearTimeout(overdue),
      (error) => {
        clearTimeout(overdue)
        end(error)
      },
    )
  }, HEARTBEAT_MS)
  heartbeat.unref()

  return async () => {
    if (ended) return
    ended = true
    clearInterval(heartbeat)
    await client.end()
  }
}
