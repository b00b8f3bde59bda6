// A client of Hocuspocus, with the interface of all clients in the benchmark (tools/bench/peers/client.ts).
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import WebSocket from 'ws'
import * as Y from 'yjs'

export { Y }

/** Each client has a separate socket, as clients in different browsers do. */
export async function open(url, docId, doc) {
  const websocketProvider = new HocuspocusProviderWebsocket({
    url: url.replace('http', 'ws'),
    WebSocketPolyfill: WebSocket,
  })
  const provider = new HocuspocusProvider({ websocketProvider, name: docId, document: doc })
  const synced = new Promise((resolve) => provider.on('synced', resolve))
  provider.attach()
  await synced
  return {
    /** Resolves when the server has applied all edits; the server does not store them. */
    saved: () =>
      new Promise((resolve) => {
        const look = () => {
          if (provider.hasUnsyncedChanges) return
          provider.off('unsyncedChanges', look)
          resolve()
        }
        provider.on('unsyncedChanges', look)
        look()
      }),
    close() {
      provider.destroy()
      websocketProvider.destroy()
    },
  }
}
