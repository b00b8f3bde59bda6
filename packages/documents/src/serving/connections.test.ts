import { EventEmitter } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { limitConnections } from './connections.ts'
import { DEFAULT_HTTP_LIMITS } from './http-limits.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.emit('close')
})

/** A connection from an address that this machine does not have. */
class FarSocket extends EventEmitter {
  readonly remoteAddress: string
  isClosed = false

  constructor(remoteAddress: string) {
    super()
    this.remoteAddress = remoteAddress
  }

  destroy(): void {
    this.isClosed = true
    this.emit('close')
  }
}

test.each([
  [64, '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::99', true],
  [64, '2001:db8:1:2::1', '2001:db8:1:3::1', false],
  [48, '2001:db8:1:2::1', '2001:db8:1:3::1', true],
  [128, '2001:db8:1:2::1', '2001:db8:1:2::2', false],
  [64, '192.0.2.7', '::ffff:192.0.2.7', true],
])(
  'with ipv6PrefixBits %i, connections from %s and %s count as one address: %s',
  (bits, one, other, isOne) => {
    const server = createServer()
    servers.push(server)
    const limits = { ...DEFAULT_HTTP_LIMITS, maxConnectionsPerAddress: 1, ipv6PrefixBits: bits }
    limitConnections(server, limits, () => {})
    const [first, second] = [new FarSocket(one), new FarSocket(other)]
    for (const socket of [first, second]) server.emit('connection', socket)
    expect([first.isClosed, second.isClosed]).toEqual([false, isOne])

    first.destroy()
    const third = new FarSocket(other)
    server.emit('connection', third)
    expect(third.isClosed).toBe(!isOne)
  },
)
