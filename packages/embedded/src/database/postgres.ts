import pg from 'pg'
import { EmbeddedError, messageOf } from '../errors.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Database } from './database.ts'

const HEARTBEAT_MS = 15_000
const HEARTBEAT_TIMEOUT_MS = 10_000

export interface PostgresOptions {
  connectionString: string
  /** For LISTEN, where `connectionString` leads to a pooler such as PgBouncer. */
  listenConnectionString?: string
  maxConnections?: number
}

export async function connectPostgres(options: PostgresOptions): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.maxConnections ?? 10,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  try {
    await pool.query('SELECT 1')
  } catch (error) {
    await pool.end().catch(() => {})
    throw new EmbeddedError('database_unreachable', `Postgres: ${messageOf(error)}`, {
      cause: error,
    })
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

  // The backend sends whole transactions and only then answers, so the answer to any query sent
  // after a notification arrived comes when the transaction is complete.
  let fence: 'none' | 'sent' | 'again' = 'none'
  const sendFence = (): void => {
    fence = 'sent'
    client.query('SELECT').then(() => {
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
    onPayload(message.payload ?? '')
    if (onWhole === undefined) return
    if (fence === 'none') sendFence()
    else fence = 'again'
  })
  try {
    await client.connect()
    await client.query(`LISTEN ${quoteIdentifier(channel)}`)
  } catch (error) {
    ended = true
    await client.end().catch(() => {})
    throw new EmbeddedError('database_unreachable', `LISTEN: ${messageOf(error)}`, { cause: error })
  }

  // A connection cut without a word (a sleeping laptop, a firewall) is noticed only by asking.
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
