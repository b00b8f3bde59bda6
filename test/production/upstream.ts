// A double of Electric: a server that answers as a test says, or passes requests on to a shape service.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { ShapeService } from '@y-electric/embedded'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface Upstream {
  readonly url: string
  readonly port: number
  readonly requests: readonly IncomingMessage[]
  /** The answer to all later requests. */
  answer: Answer
  /** Closes all connections, including idle ones. */
  cut(): void
  close(): Promise<void>
}

export async function startUpstream(answer: Answer, port = 0): Promise<Upstream> {
  const requests: IncomingMessage[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    requests.push(request)
    upstream.answer(request, response)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  const upstream: Upstream = {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    answer,
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return upstream
}

export const fromService = (service: ShapeService): Answer => {
  const listener = getRequestListener((request) => service.fetch(request))
  return (request, response) => {
    listener(request, response).catch(() => response.destroy())
  }
}

export const status =
  (code: number, body = '{}', headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(body)
  }
