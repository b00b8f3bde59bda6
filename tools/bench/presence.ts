// Measures the time from a cursor move of one client to another client, and the rows that presence writes.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ElectricProvider } from 'y-electric'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { untilConnected } from '../replay/replayDocument.ts'
import { median, p95, round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'

const moves = 100
/** The time for which a cursor moves, faster than its positions are written. */
const activeMs = 10_000
const moveEveryMs = 16
const idleMs = 65_000

export async function benchPresence(): Promise<Report> {
  return {
    title: 'presence: one cursor move from a provider to another provider',
    rows: await onEachTarget(measureTarget),
    notes: [
      `${moves} moves, each after the last one has arrived and the pause between two writes has passed.`,
      `Rows written per minute by a client whose cursor moves every ${moveEveryMs} ms for ${activeMs / 1_000} s, and by an idle one over ${idleMs / 1_000} s.`,
    ],
  }
}

function measureTarget(target: Target): Promise<Row> {
  return withServer(target, async ({ url }) => {
    const docId = `presence-${randomUUID()}`
    const [ada, bob] = [open(`${url}/api`, docId), open(`${url}/api`, docId)]
    try {
      await Promise.all([untilConnected(ada.provider), untilConnected(bob.provider)])
      const ms: number[] = []
      for (let move = -20; move < moves; move++) {
        const began = performance.now()
        const arrived = ada.isSeenBy(bob, move)
        ada.awareness.setLocalStateField('cursor', move)
        await arrived
        if (move >= 0) ms.push(performance.now() - began)
        await sleep(60)
      }
      const active = await writesPerMinute(ada, activeMs, async (until) => {
        for (let move = moves; performance.now() < until; move++) {
          ada.awareness.setLocalStateField('cursor', move)
          await sleep(moveEveryMs)
        }
      })
      await sleep(1_000)
      const idle = await writesPerMinute(ada, idleMs, () => sleep(idleMs))
      return {
        backend: target.name,
        'median ms': round(median(ms)),
        'p95 ms': round(p95(ms)),
        'rows/min active': round(active, 0),
        'rows/min idle': round(idle, 1),
        aim: 'idle ≤ 2',
      }
    } finally {
      await Promise.all([ada.close(), bob.close()])
    }
  })
}

function open(mountPoint: string, docId: string) {
  const doc = new Y.Doc()
  const awareness = new Awareness(doc)
  let writes = 0
  const provider = new ElectricProvider({
    url: mountPoint,
    docId,
    doc,
    awareness,
    fetch: (input, init) => {
      if (init?.method === 'PUT') writes += 1
      return fetch(input, init)
    },
  })
  return {
    provider,
    awareness,
    writes: () => writes,
    /** Resolves in the task in which the other client sees this cursor. */
    isSeenBy(other: { readonly awareness: Awareness }, cursor: number): Promise<void> {
      return new Promise((resolve) => {
        const look = () => {
          if (other.awareness.getStates().get(awareness.clientID)?.cursor !== cursor) return
          other.awareness.off('change', look)
          resolve()
        }
        other.awareness.on('change', look)
      })
    },
    async close() {
      await provider.destroy()
      awareness.destroy()
      doc.destroy()
    },
  }
}

async function writesPerMinute(
  client: { readonly writes: () => number },
  ms: number,
  work: (until: number) => Promise<unknown>,
): Promise<number> {
  const before = client.writes()
  await work(performance.now() + ms)
  return ((client.writes() - before) * 60_000) / ms
}
