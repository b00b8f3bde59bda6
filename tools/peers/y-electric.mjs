// A client of @electric-sql/y-electric, with the interface of all clients in the benchmark
// (tools/bench/peers/client.ts).
import { ElectricProvider } from '@electric-sql/y-electric'
import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'

export { Y }

const parser = { bytea: (hex) => decoding.createDecoder(Buffer.from(hex.slice(2), 'hex')) }

export async function open(url, docId, doc) {
  const room = encodeURIComponent(docId)
  let pending = 0
  const settled = new Set()
  const aborter = new AbortController()
  const provider = new ElectricProvider({
    doc,
    documentUpdates: {
      shape: {
        url: `${url}/shape?room=${room}`,
        parser,
        // The default is long polling, which takes a request for each edit.
        liveSse: true,
        signal: aborter.signal,
      },
      sendUrl: `${url}/update?room=${room}`,
      getUpdateFromRow: (row) => row.op,
    },
    fetchClient: async (...parameters) => {
      pending += 1
      try {
        return await fetch(...parameters)
      } finally {
        pending -= 1
        // The provider sends edits that were made meanwhile in the tasks after the answer.
        setImmediate(() => {
          if (pending === 0) for (const settle of settled) settle()
        })
      }
    },
  })
  await new Promise((resolve) => provider.on('synced', (isSynced) => isSynced && resolve()))
  return {
    /** Resolves when the server has answered all requests: the edits are then committed. */
    saved: () =>
      new Promise((resolve) => {
        if (pending === 0) return resolve()
        const settle = () => {
          settled.delete(settle)
          resolve()
        }
        settled.add(settle)
      }),
    close() {
      provider.destroy()
      aborter.abort()
    },
  }
}
