// Writes HTTP to a socket, for requests that no HTTP client sends.
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'

export interface RawConnection {
  readonly socket: Socket
  /** Sends text or bytes. */
  send(data: string | Uint8Array): void
  /** Resolves with all that the server has sent when it has closed the connection. */
  readonly closed: Promise<string>
}

/** Opens a connection to the server of a URL. */
export async function connectRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  // A server may reset a connection instead of closing it.
  socket.on('error', () => {})
  const closed = once(socket, 'close').then(() => Buffer.concat(chunks).toString())
  await once(socket, 'connect')
  return { socket, closed, send: (data) => void socket.write(data) }
}

/** The head of a request, up to the blank line. */
export function headOf(
  method: string,
  url: string,
  headers: Readonly<Record<string, string | number>> = {},
): string {
  const { host, pathname, search } = new URL(url)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}\r\n`
}

/** Status and body of the first answer in the text of a connection. */
export function parseAnswer(text: string): { status: number; head: string; body: string } {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: rest.join('\r\n\r\n') }
}
