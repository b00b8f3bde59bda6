// A TCP proxy that counts all bytes on the wire, for any protocol.
import net from 'node:net'

export interface Meter {
  /** The address of the proxy. */
  readonly url: string
  /** Bytes in both directions, with headers and framing. */
  bytes(): number
  /** HTTP requests; a WebSocket is one. */
  requests(): number
  reset(): void
  close(): Promise<void>
}

const REQUEST_LINE = /^(GET|HEAD|POST|PUT|DELETE) \S+ HTTP\/1\.1\r$/gm

/** Starts a proxy before the server at an address. */
export async function meterOf(target: string): Promise<Meter> {
  const { hostname, port } = new URL(target)
  let [bytes, requests] = [0, 0]
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ noDelay: true }, (client) => {
    const upstream = net.connect({ host: hostname, port: Number(port), noDelay: true })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength
        if (from === client) requests += chunk.toString('latin1').match(REQUEST_LINE)?.length ?? 0
      })
      from.pipe(to)
      // If one side has closed the connection, the proxy closes the other side.
      from.once('error', () => to.destroy())
      from.once('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    bytes: () => bytes,
    requests: () => requests,
    reset() {
      bytes = 0
      requests = 0
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
