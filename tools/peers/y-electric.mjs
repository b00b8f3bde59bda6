// A client of @electric-sql/y-electric, in the form that the benchmark gives all clients (tools/bench/peers/client.ts).
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
        // Its default is long polling, which takes a request for each edit.
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
        // The provider sends what was written meanwhile in the tasks after the answer.
        setImmediate(() => {
          if (pending === 0) for (const settle of settled) settle()
        })
      }
    },
  })
  await new Promise((resolve) => provider.on('synced', (isSynced) => isSynced && resolve()))
  return {
    /** The server has answered all requests: the edits are committed. */
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
