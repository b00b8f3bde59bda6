import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Handles the requests of each connection one after the other, in order. Node passes on all requests that a client has
 * sent without waiting for the answers (HTTP pipelining): one connection could start tens of thousands at once, and
 * those that wait for a change would stay after it has closed. A connection on which more requests wait is closed.
 */
export function oneByOne(handle: RequestListener, maxWaiting: number): RequestListener {
  /** The waiting requests of the connections that have a request at work. */
  const waitingOf = new WeakMap<Socket, (() => void)[]>()

  const startNext = (socket: Socket): void => {
    const next = waitingOf.get(socket)?.shift()
    if (next === undefined) waitingOf.delete(socket)
    else if (!socket.destroyed) next()
  }

  return (incoming, outgoing) => {
    const { socket } = incoming
    // The parser passes on the rest of what it has read although the connection is closed.
    if (socket.destroyed) return
    const start = (): void => {
      outgoing.once('close', () => startNext(socket))
      handle(incoming, outgoing)
    }
    const waiting = waitingOf.get(socket)
    if (waiting === undefined) {
      waitingOf.set(socket, [])
      start()
    } else if (waiting.length < maxWaiting) waiting.push(start)
    else socket.destroy()
  }
}
