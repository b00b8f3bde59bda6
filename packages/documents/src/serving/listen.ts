import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { ConfigError } from '../config.ts'
import { createNoticeLog } from '../log/noticeLog.ts'
import { type Closed, limitConnections } from './connections.ts'
import type { ServeLimits } from './http-limits.ts'
import { oneByOne } from './one-by-one.ts'

/** The longest interval in which Node checks for overdue requests, in milliseconds. */
const MAX_CHECK_MS = 1_000

/**
 * The app itself answers a slow body with an error code. Only after this additional time does Node close a
 * connection whose body the app does not read.
 */
const AFTER_THE_APP_MS = 5_000

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly limits: ServeLimits
}

/** Serves a `fetch` handler over HTTP within the limits. @throws {ConfigError} if the port is taken */
export function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port, limits }: ListenOptions,
): Promise<Server> {
  const { http, api } = limits
  const log = createNoticeLog()
  const closed = (why: Closed): void => log.notice(`connection closed: ${why}`)
  const handle = oneByOne(
    getRequestListener(fetch, { hostname: host }),
    http.maxPipelinedRequests,
    () => closed('too many requests without waiting for an answer'),
  )
  const server = createServer(
    {
      headersTimeout: http.headersTimeoutMs,
      requestTimeout: Math.max(http.headersTimeoutMs, api.bodyTimeoutMs) + AFTER_THE_APP_MS,
      keepAliveTimeout: http.idleTimeoutMs,
      maxHeaderSize: http.maxHeaderBytes,
      connectionsCheckingInterval: Math.min(MAX_CHECK_MS, http.headersTimeoutMs),
    },
    handle,
  )
  limitConnections(server, http, closed)
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE'
      reject(inUse ? new ConfigError(`port ${port} is in use: set PORT to another one`) : error)
    })
    server.listen(port, host, () => {
      // A failed accept, such as a lack of file descriptors, does not end the server.
      server.on('error', (error: NodeJS.ErrnoException) =>
        log.notice(`a connection was not accepted: ${error.code ?? error.message}`),
      )
      resolve(server)
    })
  })
}

/** How long open requests have before their connections are closed, in milliseconds. */
const DRAIN_MS = 2_000

/** Closes the server. Live streams do not end by themselves: after a moment their connections are closed. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    server.close(() => {
      clearTimeout(late)
      resolve()
    })
  })
}
