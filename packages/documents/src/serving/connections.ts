import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '@y-electric/server/extension'
import { affordableConnections, type HttpLimits } from './http-limits.ts'
import { ReadProgress, type ReadSample } from './read-progress.ts'

/** The longest interval between connection checks, in milliseconds. */
const MAX_CHECK_MS = 1_000

/** The reason for which a connection was closed, for the log. */
export type Closed =
  | 'too many connections'
  | 'too many connections from one address'
  | 'too many requests without waiting for an answer'
  | 'a reader that does not read'

/**
 * Limits the connections of a server: their total, their number per address, and how long an
 * answer waits for a reader that does not read.
 */
export function limitConnections(
  server: Server,
  limits: HttpLimits,
  onClosed: (why: Closed) => void,
): void {
  const watched = new Map<Socket, ReadProgress>()
  const byAddress = new Map<string, number>()
  server.maxConnections = affordableConnections(limits.maxConnections)
  server.on('drop', () => onClosed('too many connections'))
  server.on('connection', (socket: Socket) => {
    const address = networkOf(socket.remoteAddress ?? '', limits.ipv6PrefixBits)
    const count = (byAddress.get(address) ?? 0) + 1
    if (count > limits.maxConnectionsPerAddress) {
      onClosed('too many connections from one address')
      socket.destroy()
      return
    }
    byAddress.set(address, count)
    watched.set(socket, new ReadProgress(limits, performance.now(), 0))
    socket.once('close', () => {
      watched.delete(socket)
      const left = (byAddress.get(address) ?? 0) - 1
      if (left > 0) byAddress.set(address, left)
      else byAddress.delete(address)
    })
  })

  const checks = setInterval(
    () => {
      const now = performance.now()
      for (const [socket, progress] of watched) {
        if (!progress.isStalled(sampleOf(socket), now)) continue
        onClosed('a reader that does not read')
        socket.destroy()
      }
    },
    Math.min(MAX_CHECK_MS, limits.readStallMs / 4),
  )
  checks.unref()
  server.once('close', () => clearInterval(checks))
}

/**
 * Internals from which Node itself detects whether a write makes progress. Without them, a write counts as taken
 * only when all of it is taken.
 */
interface WriteQueue {
  readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null
}

function sampleOf(socket: Socket): ReadSample {
  const { bytesWritten, writeQueueSize } = (socket as unknown as WriteQueue)._handle ?? {}
  const taken =
    bytesWritten === undefined || writeQueueSize === undefined
      ? socket.bytesWritten - socket.writableLength
      : bytesWritten - writeQueueSize
  return { taken, isWaiting: socket.writableLength > 0 }
}
