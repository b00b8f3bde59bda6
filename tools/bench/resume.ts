// Measures the network traffic of a page that opens a document from its device store.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ElectricProvider, memory, type Persistence } from 'y-electric'
import * as Y from 'yjs'
import { createMeter, type Meter } from '../../test/persistence/meter.ts'
import { untilConnected } from '../replay/replayDocument.ts'
import { TEXT_NAME } from '../replay/script.ts'
import { round } from './statistics.ts'
import type { Report, Row } from './table.ts'
import { onEachTarget, type Target, withServer } from './targets.ts'

const paragraphs = 1_000
const missedEdits = 20
/** The wait for further requests after the stream is open. */
const settleMs = 300

export async function benchResume(): Promise<Report> {
  return {
    title: `resume: a reload of a document of ${paragraphs} paragraphs`,
    rows: (await onEachTarget(measureTarget)).flat(),
    notes: [
      'Bytes of URLs and bodies in both directions until connected; headers are not counted.',
      `“shown” is when the text appears, “synced” when it is complete. Missed: ${missedEdits} edits of another client.`,
    ],
  }
}

function measureTarget(target: Target): Promise<Row[]> {
  return withServer(target, async ({ url }) => {
    const docId = `resume-${randomUUID()}`
    const mountPoint = `${url}/api`
    const device = memory()
    const writer = await openPage(mountPoint, docId, null)
    for (let i = 0; i < paragraphs; i++) {
      writer.text.insert(writer.text.length, `Paragraph ${i}, of some sixty characters as usual.\n`)
    }
    await writer.provider.whenSaved()
    const rows = [rowOf(target, 'first visit', await visit(mountPoint, docId, device))]
    rows.push(rowOf(target, 'reload, no news', await visit(mountPoint, docId, device)))
    for (let i = 0; i < missedEdits; i++) {
      writer.text.insert(0, `${i} `)
      await writer.provider.whenSaved()
    }
    rows.push(rowOf(target, 'reload, edits missed', await visit(mountPoint, docId, device)))
    await writer.close()
    return rows
  })
}

interface Visit {
  readonly meter: Meter
  readonly shownMs: number
  readonly syncedMs: number
}

async function visit(mountPoint: string, docId: string, device: Persistence): Promise<Visit> {
  const began = performance.now()
  const page = await openPage(mountPoint, docId, device)
  const syncedMs = performance.now() - began
  await sleep(settleMs)
  await page.close()
  return { meter: page.meter, shownMs: page.shownAt() - began, syncedMs }
}

async function openPage(mountPoint: string, docId: string, persistence: Persistence | null) {
  const doc = new Y.Doc()
  const text = doc.getText(TEXT_NAME)
  let shownAt = 0
  doc.once('update', () => {
    shownAt = performance.now()
  })
  const meter = createMeter()
  const provider = new ElectricProvider({
    url: mountPoint,
    docId,
    doc,
    fetch: meter.fetch,
    ...(persistence === null ? {} : { persistence }),
  })
  await untilConnected(provider)
  return {
    provider,
    text,
    meter,
    shownAt: () => shownAt,
    async close() {
      await provider.destroy()
      doc.destroy()
    },
  }
}

const rowOf = (target: Target, what: string, { meter, shownMs, syncedMs }: Visit): Row => ({
  backend: target.name,
  visit: what,
  requests: meter.requests().length,
  bytes: meter.bytes(),
  'shown ms': round(shownMs, 1),
  'synced ms': round(syncedMs, 1),
  aim: what === 'reload, no news' ? '≤ 2 requests, 2,048 bytes' : '',
})
