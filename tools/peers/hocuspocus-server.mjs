// Hocuspocus in a separate process, without an extension: it keeps documents in memory.
import { Server } from '@hocuspocus/server'

const server = new Server({ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false })
await server.listen()
console.log(`http://127.0.0.1:${server.httpServer.address().port}`)
process.once('SIGTERM', () => process.exit(0))
