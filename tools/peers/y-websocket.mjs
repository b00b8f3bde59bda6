// A client of y-websocket, with the interface of all clients in the benchmark (tools/bench/peers/client.ts).
import * as encoding from 'lib0/encoding'
import WebSocket from 'ws'
import { messageYjsSyncStep2, writeSyncStep1 } from 'y-protocols/sync'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

export { Y }

const MESSAGE_SYNC = 0

export async function open(url, docId, doc) {
  const provider = new WebsocketProvider(url.replace('http', 'ws'), docId, doc, {
    WebSocketPolyfill: WebSocket,
    disableBc: true,
  })
  await new Promise((resolve) => provider.on('sync', (isSynced) => isSynced && resolve()))
  return {
    /**
     * Resolves when the server has applied all edits. The protocol has no acknowledgement, but a server
     * answers the messages of a socket in order: it answers a request for its state after it has applied
     * earlier edits. The server does not store the edits.
     */
    saved: () =>
      new Promise((resolve) => {
        const { ws } = provider
        const look = ({ data }) => {
          const [type, step] = new Uint8Array(data)
          if (type !== MESSAGE_SYNC || step !== messageYjsSyncStep2) return
          ws.removeEventListener('message', look)
          resolve()
        }
        ws.addEventListener('message', look)
        const request = encoding.createEncoder()
        encoding.writeVarUint(request, MESSAGE_SYNC)
        writeSyncStep1(request, doc)
        ws.send(encoding.toUint8Array(request))
      }),
    close: () => provider.destroy(),
  }
}
