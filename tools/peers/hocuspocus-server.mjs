// Hocuspocus as a process of its own, without an extension: it keeps documents in memory.
import { Server } from '@hocuspocus/server'

const server = new Server({ address: '127.0.0.1', quiet: true, stopOnSignals: false })
await server.listen(0)
console.log(`http://127.0.0.1:${server.httpServer.address().port}`)
process.once('SIGTERM', () => process.exit(0))
