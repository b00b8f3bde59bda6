// The joiners, followers and compactor of one document in the compaction benchmark.
import { setTimeout as sleep } from 'node:timers/promises'
import { type CompactionReport, ElectricProvider } from 'y-electric'
import * as Y from 'yjs'
import { untilConnected } from '../replay/replayDocument.ts'
import { countingFetch, type Traffic } from '../replay/traffic.ts'
import { median } from './statistics.ts'

export interface Place {
  readonly mountPoint: string
  readonly docId: string
}

/** The cost from the start of a provider to some event. */
export interface Cost {
  readonly requests: number
  readonly bytes: number
  readonly ms: number
}

export interface Joined {
  readonly synced: Cost
  readonly connected: Cost
  readonly doc: Y.Doc
}

const bytesOf = ({ sentBytes, receivedBytes }: Traffic): number => sentBytes + receivedBytes

/** Joins with a new provider, and waits until it has the whole document and follows. */
export async function joinCold({ mountPoint, docId }: Place): Promise<Joined> {
  const { fetch, traffic } = countingFetch()
  const doc = new Y.Doc()
  const began = performance.now()
  const provider = new ElectricProvider({ url: mountPoint, docId, doc, fetch, compaction: false })
  const soFar = (): Cost => ({
    requests: traffic.requests,
    bytes: bytesOf(traffic),
    ms: performance.now() - began,
  })
  let synced: Cost | undefined
  // An event handler runs at once, while a promise would resolve after the next request has begun.
  provider.once('synced', () => {
    synced = soFar()
  })
  await untilConnected(provider)
  const connected = soFar()
  await provider.destroy()
  return { synced: synced ?? connected, connected, doc }
}

/** The median cost of several joins. */
export function medianCost(joined: readonly Joined[], until: 'synced' | 'connected'): Cost {
  const of = (name: keyof Cost) => median(joined.map((one) => one[until][name]))
  return { requests: of('requests'), bytes: of('bytes'), ms: of('ms') }
}

export interface Follower {
  readonly doc: Y.Doc
  bytes(): number
  close(): Promise<void>
}

/** Opens a client that is live and never compacts. */
export async function openFollower({ mountPoint, docId }: Place): Promise<Follower> {
  const { fetch, traffic } = countingFetch()
  const doc = new Y.Doc()
  const provider = new ElectricProvider({ url: mountPoint, docId, doc, fetch, compaction: false })
  await untilConnected(provider)
  return {
    doc,
    bytes: () => bytesOf(traffic),
    close: () => provider.destroy(),
  }
}

export interface Compacted {
  readonly report: CompactionReport
  /** The time from the request to the server's answer. */
  readonly rollMs: number
  readonly foldMs: number
}

/**
 * A pause that lets followers continue after a seal, so that the costs of a roll and a fold are measured
 * separately.
 */
const graceMs = 1_500
const patienceMs = 180_000

/** Makes a real provider compact at once. Calls `before` at the beginning of each step. */
export async function compactOnce(
  { mountPoint, docId }: Place,
  before: (step: 'roll' | 'fold') => Promise<void>,
): Promise<Compacted> {
  const took = { roll: 0, fold: 0 }
  const timed: typeof fetch = async (input, init) => {
    const step = stepOf(String(input), init?.method)
    if (step === undefined) return fetch(input, init)
    // Otherwise the provider's own reads would count as time of the server.
    await untilConnected(provider)
    await before(step)
    const began = performance.now()
    const response = await fetch(input, init)
    took[step] = performance.now() - began
    return response
  }
  const doc = new Y.Doc()
  const provider = new ElectricProvider({
    url: mountPoint,
    docId,
    doc,
    fetch: timed,
    compaction: { everyMs: 200, slotMs: 1, minRows: 1, graceMs },
  })
  try {
    const report = await new Promise<CompactionReport>((resolve, reject) => {
      provider.once('compaction', resolve)
      void sleep(patienceMs, undefined, { ref: false }).then(() =>
        reject(new Error('no client compacted the document')),
      )
    })
    return { report, rollMs: took.roll, foldMs: took.fold }
  } finally {
    await provider.destroy()
    doc.destroy()
  }
}

function stepOf(url: string, method: string | undefined): 'roll' | 'fold' | undefined {
  if (method !== 'POST') return undefined
  if (url.endsWith('/segments')) return 'roll'
  return url.endsWith('/folds') ? 'fold' : undefined
}
