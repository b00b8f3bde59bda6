import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { oneByOne } from './oneByOne.ts'

export interface Listening {
  readonly url: string
  close(): Promise<void>
}

/** How long the headers of a request may take, in milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000
/** How long a whole request may take, in milliseconds. Responses have no limit. */
const REQUEST_TIMEOUT_MS = 30_000
/** How often Node checks for overdue requests, in milliseconds. */
const CHECK_MS = 1_000
/** How many requests of one connection may wait for the one before them. */
const MAX_PIPELINED_REQUESTS = 10

/**
 * Serves a `fetch` handler over HTTP with Node alone. The handler receives the body as a stream.
 */
export async function listen(
  handle: (request: Request) => Promise<Response>,
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const timeouts = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_MS,
  }
  const server = createServer(
    timeouts,
    oneByOne((incoming, outgoing) => {
      answer(handle, incoming, outgoing).catch(() => outgoing.destroy())
    }, MAX_PIPELINED_REQUESTS),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  // A connection that cannot be accepted (for example, too many open files) must not end the
  // process.
  server.on('error', () => {})
  const address = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  handle: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const response = await handle(toRequest(incoming, gone.signal))
  // A response sent before the end of the request body: the rest is not read, so the connection
  // cannot be reused.
  if (!incoming.complete) outgoing.setHeader('connection', 'close')
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) outgoing.end()
  // A reader that disconnects ends the stream; this is not an error.
  else await pipeline(Readable.fromWeb(response.body as never), outgoing).catch(() => {})
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', url = '/' } = incoming
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, String(value))
  }
  const init = { method, headers, signal }
  // The Host header is not trusted; only the path is used.
  const address = new URL(url, 'http://localhost')
  if (method === 'GET' || method === 'HEAD') return new Request(address, init)
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>
  return new Request(address, { ...init, body, duplex: 'half' } as RequestInit)
}
