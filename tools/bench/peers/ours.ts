// Our client, with the interface of all clients in the benchmark.
import { ElectricProvider, memory, type Persistence } from 'y-electric'
import * as Y from 'yjs'
import { untilConnected } from '../../replay/replayDocument.ts'
import type { Client } from './client.ts'

export { Y }

export const createDevice = (): Persistence => memory()

export async function open(
  url: string,
  docId: string,
  doc: Y.Doc,
  device?: unknown,
): Promise<Client> {
  const provider = new ElectricProvider({
    url: `${url}/api`,
    docId,
    doc,
    // Providers with the same `fetch` would share one stream. These clients act as different browsers, so
    // each has its own.
    fetch: (input, init) => fetch(input, init),
    ...(device === undefined ? {} : { persistence: device as Persistence }),
  })
  await untilConnected(provider)
  return { saved: () => provider.whenSaved(), close: () => provider.destroy() }
}

/** Makes a client roll and fold the document at once. */
export async function compact(url: string, docId: string): Promise<void> {
  const provider = new ElectricProvider({
    url: `${url}/api`,
    docId,
    doc: new Y.Doc(),
    compaction: { everyMs: 500, minRows: 1, minBytes: 1, minShare: 0, slotMs: 10, graceMs: 100 },
  })
  try {
    await new Promise<void>((resolve) => provider.once('compaction', () => resolve()))
  } finally {
    await provider.destroy()
  }
}
