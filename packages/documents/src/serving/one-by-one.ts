import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Handles the requests of each connection one after the other. A client may send many without waiting for the answers
 * (HTTP pipelining), and Node passes on all of them at once: 3 MB on one connection are 67,000 requests, and a stream
 * among them would stay open after the connection has closed. Answers must have the order of the requests anyway.
 * @param maxWaiting how many requests of a connection may wait
 * @param onTooMany called when a connection with more is closed
 */
export function oneByOne(
  handle: RequestListener,
  maxWaiting: number,
  onTooMany: () => void,
): RequestListener {
  /** The waiting requests of the connections that have a request at work. */
  const waitingBySocket = new WeakMap<Socket, (() => void)[]>()

  const startNext = (socket: Socket): void => {
    const next = waitingBySocket.get(socket)?.shift()
    if (next === undefined) waitingBySocket.delete(socket)
    else if (!socket.destroyed) next()
  }

  return (incoming, outgoing) => {
    const { socket } = incoming
    // The parser passes on the rest of what it has read although the connection is closed.
    if (socket.destroyed) return
    const start = (): void => {
      outgoing.once('close', () => startNext(socket))
      void handle(incoming, outgoing)
    }
    const waiting = waitingBySocket.get(socket)
    if (waiting === undefined) {
      waitingBySocket.set(socket, [])
      start()
    } else if (waiting.length < maxWaiting) {
      waiting.push(start)
    } else {
      onTooMany()
      socket.destroy()
    }
  }
}
