import { createConnection, createServer, type Socket } from 'node:net'

export interface Tunnel {
  readonly port: number
  /** Resets all connections and refuses new ones. */
  cut(): Promise<void>
  /** Accepts connections again. */
  open(): Promise<void>
  close(): Promise<void>
}

/** Opens a TCP port that forwards to another port of this machine until it is cut. */
export async function startTunnel(port: number, target: number): Promise<Tunnel> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const onward = createConnection({ host: '127.0.0.1', port: target })
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  const open = () =>
    new Promise<void>((resolve, reject) => {
      if (server.listening) return resolve()
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  const cut = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.resetAndDestroy()
      server.close(() => resolve())
    })
  await open()
  return { port, cut, open, close: cut }
}
