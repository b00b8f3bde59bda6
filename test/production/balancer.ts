// A minimal load balancer: each request goes to the next server, without stickiness. If a server does
// not answer, the balancer asks the next one, like nginx.
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Answered {
  readonly path: string
  readonly status: number
  readonly server: string
}

export interface Balancer {
  readonly url: string
  servers: string[]
  readonly answered: readonly Answered[]
  close(): Promise<void>
}

export async function startBalancer(servers: readonly string[]): Promise<Balancer> {
  const answered: Answered[] = []
  const agent = new Agent({ keepAlive: true })
  let turn = 0

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const candidates = balancer.servers.map((_, i, all) => all[(turn + i) % all.length])
    turn++
    for (const server of candidates) {
      if (server !== undefined && (await pass(server, body, incoming, outgoing))) return
    }
    if (!outgoing.headersSent) outgoing.writeHead(502)
    outgoing.end()
  }

  /** Forwards a request. False if no answer arrived, and asking another server is safe. */
  const pass = (
    server: string,
    body: Buffer,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<boolean> =>
    new Promise((resolve) => {
      const { method, headers, url: path = '/' } = incoming
      const upstream = request(`${server}${path}`, { method, headers, agent }, (response) => {
        answered.push({ path, status: response.statusCode ?? 0, server })
        outgoing.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(outgoing)
        response.once('error', () => outgoing.destroy())
        response.once('close', () => {
          if (!response.complete) outgoing.destroy()
          resolve(true)
        })
      })
      upstream.once('error', () => resolve(outgoing.headersSent || outgoing.destroyed))
      outgoing.once('close', () => upstream.destroy())
      upstream.end(body)
    })

  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const balancer: Balancer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    servers: [...servers],
    answered,
    close: () =>
      new Promise((resolve) => {
        agent.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return balancer
}
