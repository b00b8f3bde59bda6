// Measures the cost of opening a document that has a history.
import { randomUUID } from 'node:crypto'
import { ElectricProvider } from 'y-electric'
import * as Y from 'yjs'
import { replayDocument, untilConnected } from '../replay/replayDocument.ts'
import { writeScript } from '../replay/script.ts'
import { countingFetch } from '../replay/traffic.ts'
import { loadRecording } from './recording.ts'
import { median, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, withServer } from './targets.ts'

const joins = 9

export async function benchJoin(): Promise<Report> {
  const { name, history } = await loadRecording()
  const script = writeScript(history)
  const encodings = new Set<string>()
  const rows = await onEachTarget((target) =>
    withServer(target, async ({ url }) => {
      const mountPoint = `${url}/api`
      const docId = `join-${randomUUID()}`
      const { rows } = await replayDocument({ mountPoint, history, script, docId })
      const results: Joined[] = []
      for (let join = 0; join < joins; join++) {
        results.push(await joinCold(mountPoint, docId, encodings))
      }
      const of = (pick: (joined: Joined) => number) => median(results.map(pick))
      const documentBytes = of((joined) => joined.documentBytes)
      const line = (until: string, cost: (joined: Joined) => Cost): Row => ({
        backend: target.name,
        until,
        requests: of((joined) => cost(joined).requests),
        bytes: of((joined) => cost(joined).bytes),
        ms: round(
          of((joined) => cost(joined).ms),
          1,
        ),
        'document bytes (v2)': documentBytes,
        ratio: round(of((joined) => cost(joined).bytes) / documentBytes),
        'rows stored': rows,
      })
      return [
        line('complete (synced)', ({ synced }) => synced),
        line('following live (connected)', ({ connected }) => connected),
      ]
    }),
  )
  const compression = encodings.size === 0 ? 'nothing was compressed' : [...encodings].join(', ')
  return {
    title: `join: a new client opens ${name} after it was written`,
    rows: rows.flat(),
    notes: [
      `Median of ${joins} joins, each by a new provider. Bytes are bodies in both directions, without headers; ${compression}.`,
      'Document bytes: Y.encodeStateAsUpdateV2(doc).length, the minimum for a joiner.',
    ],
  }
}

interface Cost {
  readonly requests: number
  readonly bytes: number
  readonly ms: number
}

interface Joined {
  readonly synced: Cost
  readonly connected: Cost
  readonly documentBytes: number
}

async function joinCold(
  mountPoint: string,
  docId: string,
  encodings: Set<string>,
): Promise<Joined> {
  const { fetch, traffic } = countingFetch()
  const doc = new Y.Doc()
  const began = performance.now()
  const provider = new ElectricProvider({ url: mountPoint, docId, doc, fetch })
  const soFar = (): Cost => ({
    requests: traffic.requests,
    bytes: traffic.sentBytes + traffic.receivedBytes,
    ms: performance.now() - began,
  })
  let synced: Cost | undefined
  // An event handler runs at once, while a promise would resolve after the next request has begun.
  provider.once('synced', () => {
    synced = soFar()
  })
  await untilConnected(provider)
  const connected = soFar()
  for (const encoding of traffic.encodings) encodings.add(encoding)
  const documentBytes = Y.encodeStateAsUpdateV2(doc).byteLength
  await provider.destroy()
  doc.destroy()
  return { synced: synced ?? connected, connected, documentBytes }
}
