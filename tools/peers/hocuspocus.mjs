// A client of Hocuspocus, in the form that the benchmark gives all clients (tools/bench/peers/client.ts).
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import WebSocket from 'ws'
import * as Y from 'yjs'

export { Y }

/** Each client has a socket of its own, as clients in different browsers do. */
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
    /** The server has applied all edits; nothing is stored. */
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
